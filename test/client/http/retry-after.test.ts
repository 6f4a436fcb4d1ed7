import { describe, expect, it } from 'vitest';
import { retryAfterMs, shouldRetryHeader } from '../../../src/client/http/retry-after.ts';

const NOON = Date.UTC(2026, 10, 24, 12);

describe('retryAfterMs', () => {
  it.each([
    [{ 'retry-after': '30' }, 30_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': 'Tue, 24 Nov 2026 12:01:00 GMT' }, 60_000],
    [{ 'retry-after': 'Tue, 24 Nov 2026 11:00:00 GMT' }, 0],
    // As its sender's clock has it, not as this machine's does.
    [{ 'retry-after': 'Tue, 24 Nov 2026 13:01:00 GMT', date: 'Tue, 24 Nov 2026 13:00:00 GMT' }, 60_000],
    [{ 'retry-after': 'Tue, 24 Nov 2026 11:01:00 GMT', date: 'Tue, 24 Nov 2026 11:00:00 GMT' }, 60_000],
    [{ 'retry-after': 'Tue, 24 Nov 2026 13:01:00 GMT', date: 'Tue, 24 Nov 2026 13:02:00 GMT' }, 0],
    [{ 'retry-after': 'Tuesday, 24-Nov-26 13:01:00 GMT', date: 'Tue, 24 Nov 2026 13:00:00 GMT' }, 60_000],
    [{ 'retry-after': 'Tue, 24 Nov 2026 12:01:00 GMT', date: 'Thu, 01 Jan 1970 00:00:00 GMT' }, 60_000],
    [{ 'retry-after': 'Tue, 24 Nov 2026 12:01:00 GMT', date: 'today' }, 60_000],
    [{ 'retry-after': '30', date: 'Tue, 24 Nov 2026 13:00:00 GMT' }, 30_000],
    [{ 'retry-after': '300' }, 300_000],
    [{ 'retry-after': '43200' }, 300_000],
    [{ 'retry-after': '9'.repeat(400) }, 300_000],
    [{ 'retry-after': 'Wed, 31 Dec 9999 23:59:59 GMT' }, 300_000],
    [{ 'retry-after-ms': '86400000' }, 300_000],
    [{ 'retry-after': 'NaN' }, null],
    [{ 'retry-after': 'Infinity' }, null],
    [{ 'retry-after': '1e9' }, null],
    [{ 'retry-after-ms': '-1', 'retry-after': '4' }, 4000],
    [{ 'retry-after': '30', 'retry-after-ms': '250' }, 250],
    [{ 'retry-after': ['7', '9'] }, 7000],
    [{ 'retry-after': '7, 9' }, 7000],
    [{ 'retry-after': '7 , Tue, 24 Nov 2026 12:01:00 GMT' }, 7000],
    [{ 'retry-after': ' 7 ' }, 7000],
    [{ 'retry-after': 'Tuesday, 24-Nov-26 12:01:00 GMT' }, 60_000],
    [{ 'retry-after': 'Tue Nov 24 12:01:00 2026' }, 60_000],
    [{ 'retry-after': 'Tue Nov  3 12:01:00 2026' }, 0],
    [{ 'retry-after': 'Tue Foo 24 12:01:00 2026' }, null],
    [{ 'retry-after': 'Tuesday, 24-Nov-26 12:01:00 CET' }, null],
    [{ 'retry-after': '0x10' }, null],
    [{ 'retry-after': '5; later' }, null],
    [{ 'retry-after': ', 5' }, null],
    [{}, null],
    [{ 'retry-after': 'soon' }, null],
    [{ 'retry-after': '-5' }, null],
    [{ 'retry-after': '' }, null],
    [{ 'retry-after': '2026-11-24' }, null],
  ])('of %j is %s', (headers, ms) => {
    expect(retryAfterMs(headers, NOON)).toBe(ms);
  });
});

it('shouldRetryHeader knows two words', () => {
  const words = ['true', 'false', 'maybe', undefined];
  expect(words.map((word) => shouldRetryHeader({ 'x-should-retry': word }))).toEqual([true, false, null, null]);
});
