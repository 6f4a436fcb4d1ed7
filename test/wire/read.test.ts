import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseTimestamp } from '../../src/wire/read.ts';

const NOON = Date.UTC(2026, 10, 24, 12, 0, 0);

it.each([
  ['2026-11-24T12:00:00Z', NOON],
  ['2026-11-24 12:00:00Z', NOON],
  ['2026-11-24T12:00:00.999999999Z', NOON + 999],
  ['2026-11-24T14:30:00+02:30', NOON],
  ['2026-11-24T03:59:59.25-08:00', NOON - 750],
  ['2028-02-29T00:00:00Z', Date.UTC(2028, 1, 29)],
  ['0001-01-01T00:00:00Z', -62135596800000],
  ['9999-12-31T23:59:59Z', Date.UTC(9999, 11, 31, 23, 59, 59)],
])('%s is an instant', (text, ms) => {
  expect(parseTimestamp(text)).toBe(ms);
});

it.each([
  '',
  '2026-11-24',
  '2026-11-24T12:00:00',
  '2026-11-24T12:00Z',
  '2026-11-24T12:00:00Zx',
  '2026-11-24T12:00:00+0200',
  '2026-11-24T12:00:00+24:00',
  '2026-11-24T12:00:61Z',
  '2026-11-31T12:00:00Z',
  '2027-02-29T12:00:00Z',
  '+002026-11-24T12:00:00Z',
  'Tue, 24 Nov 2026 12:00:00 GMT',
])('%j is none', (text) => {
  expect(parseTimestamp(text)).toBeNull();
});

it('any date of four digits is read as it was written, and any other text is none', () => {
  const dates = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
  fc.assert(fc.property(dates, (date) => parseTimestamp(date.toISOString()) === date.getTime()));
  fc.assert(fc.property(fc.string(), (text) => parseTimestamp(text) === null));
});
