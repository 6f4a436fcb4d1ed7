import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTimestamp, parseTimestamp } from '../../src/wire/timestamp.ts';

const NOON = Date.UTC(2026, 10, 24, 12, 0, 0);

describe('parseTimestamp', () => {
  it.each([
    ['2026-11-24T12:00:00Z', NOON],
    ['2026-11-24T12:00:00z', NOON],
    ['2026-11-24t12:00:00Z', NOON],
    ['2026-11-24 12:00:00Z', NOON],
    ['2026-11-24T12:00:00.5Z', NOON + 500],
    ['2026-11-24T12:00:00.123Z', NOON + 123],
    ['2026-11-24T12:00:00.123456Z', NOON + 123.456],
    ['2026-11-24T12:00:00.000001Z', NOON + 0.001],
    ['2026-11-24T12:00:00.123456789Z', NOON + 123.456],
    ['2026-11-24T12:00:00.999999999Z', NOON + 999.999],
    ['2026-11-24T12:00:00.1234567890Z', NOON + 123.456],
    ['2026-11-24T12:00:00.123456789012345+00:00', NOON + 123.456],
    ['2026-11-24T14:30:00+02:30', NOON],
    ['2026-11-24T03:59:59.25-08:00', NOON - 750],
    ['2026-11-24T12:00:00+00:00', NOON],
    ['2026-11-24T12:00:00-00:00', NOON],
    ['2028-02-29T00:00:00Z', Date.UTC(2028, 1, 29)],
    ['2000-02-29T00:00:00Z', Date.UTC(2000, 1, 29)],
    ['1969-12-31T23:59:59.5Z', -500],
    ['1970-01-01T00:00:01.016036Z', 1016.036],
    ['2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1)],
    ['0001-01-01T00:00:00Z', -62135596800000],
  ])('reads %s', (text, ms) => {
    expect(parseTimestamp(text)).toBe(ms);
  });

  it.each([
    '',
    'Z',
    'yesterday',
    '2026-11-24',
    '2026-11-24T12:00:00',
    '2026-11-24T12:00Z',
    '2026-11-24T12:00:00.Z',
    '2026-11-24T12:00:00.1234567890x',
    '2026-11-24T12:00:00.1234567890',
    '2026-11-24T12:00:00,5Z',
    '2026-11-24T12:00:00Zx',
    ' 2026-11-24T12:00:00Z',
    '2026-11-24T12:00:00+0200',
    '2026-11-24T12:00:00+02',
    '2026-11-24T12:00:00+24:00',
    '2026-11-24T12:00:00+02:60',
    '2026-11-24T24:00:00Z',
    '2026-11-24T12:60:00Z',
    '2026-11-24T12:00:61Z',
    '2026-13-01T12:00:00Z',
    '2026-00-01T12:00:00Z',
    '2026-11-31T12:00:00Z',
    '2026-11-00T12:00:00Z',
    '2027-02-29T12:00:00Z',
    '2100-02-29T12:00:00Z',
    '2026/11/24T12:00:00Z',
    '20a6-11-24T12:00:00Z',
    '+002026-11-24T12:00:00Z',
    'Tue, 24 Nov 2026 12:00:00 GMT',
  ])('%j is not one', (text) => {
    expect(parseTimestamp(text)).toBeNull();
  });

  it('agrees with Date.parse on what both can read', () => {
    const dates = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59Z'),
      noInvalidDate: true,
    });
    fc.assert(fc.property(dates, (date) => parseTimestamp(date.toISOString()) === date.getTime()));
  });

  it('any text is read as a timestamp or as none, and nothing throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseTimestamp(text);
        return parsed === null || Number.isFinite(parsed);
      }),
    );
  });
});

describe('formatTimestamp', () => {
  it.each([
    [NOON, undefined, '2026-11-24T12:00:00.000000Z'],
    [NOON + 123.456, undefined, '2026-11-24T12:00:00.123456Z'],
    [NOON + 123.456, 3, '2026-11-24T12:00:00.123Z'],
    [NOON + 123.456, 9, '2026-11-24T12:00:00.123456000Z'],
    [NOON + 400, 0, '2026-11-24T12:00:00Z'],
    [NOON + 999.9, 3, '2026-11-24T12:00:01.000Z'],
    [-0.001, 6, '1969-12-31T23:59:59.999999Z'],
  ])('%d with %s digits', (ms, digits, text) => {
    expect(formatTimestamp(ms, digits)).toBe(text);
  });

  it('refuses what RFC 3339 cannot say', () => {
    expect(() => formatTimestamp(Number.NaN)).toThrow(RangeError);
    expect(() => formatTimestamp(Number.POSITIVE_INFINITY)).toThrow(RangeError);
    expect(() => formatTimestamp(Date.UTC(12_000, 0))).toThrow(RangeError);
  });

  it('is undone by parseTimestamp, to the microsecond', () => {
    // Whole microseconds of the years 1970 to 2100: the range in which a double in milliseconds tells them apart.
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4_102_444_800 }),
        fc.integer({ min: 0, max: 999_999 }),
        (seconds, micros) => {
          const ms = (seconds * 1_000_000 + micros) / 1000;
          return parseTimestamp(formatTimestamp(ms)) === ms;
        },
      ),
    );
  });
});
