import { expect, it } from 'vitest';
import { dateOfAnswer, headerText, httpDate } from '../../../src/client/http/response-headers.ts';

const NOON = Date.UTC(2026, 10, 24, 12);

it('httpDate reads the one format of HTTP', () => {
  expect(httpDate('Tue, 24 Nov 2026 12:00:00 GMT')).toBe(NOON);
  expect(['', 'Tue Nov 24 2026', 'Xxx, 24 Foo 2026 12:00:00 GMT'].map(httpDate)).toEqual([null, null, null]);
});

it('headerText takes the first value', () => {
  expect([headerText({ a: ['1', '2'] }, 'a'), headerText({ a: '3' }, 'a'), headerText({}, 'a')]).toEqual([
    '1',
    '3',
    null,
  ]);
});

it.each([
  [{ date: 'Tue, 24 Nov 2026 12:00:00 GMT' }, NOON],
  [{ date: ['Tue, 24 Nov 2026 12:00:00 GMT', 'Tue, 24 Nov 2026 13:00:00 GMT'] }, NOON],
  [{}, null],
  [{ date: '' }, null],
  [{ date: 'today' }, null],
  // What a clock says that was never set, or that no clock of these years says.
  [{ date: 'Thu, 01 Jan 1970 00:00:00 GMT' }, null],
  [{ date: 'Fri, 01 Jan 2100 00:00:00 GMT' }, null],
])('the date of an answer with %j is %s', (headers, date) => {
  expect(dateOfAnswer(headers)).toBe(date);
});
