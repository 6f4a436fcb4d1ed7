import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, longerPattern, parseDuration, shorterPattern } from '../../src/config/duration.ts';

describe('durations', () => {
  it.each([
    ['1m30s', 90_000],
    ['15s', 15_000],
    ['5m5ms', 300_005],
    ['500ms', 500],
    ['1h', 3_600_000],
    ['2d', 172_800_000],
    ['1w', 604_800_000],
    ['1y', 31_536_000_000],
    ['0s', 0],
    ['90s', 90_000],
  ])('%s is %d ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(['', '30', '1.5h', '-1s', '1s1m', '1m1m', '1 m', ' 1m', '1M', '1s\n', 'never', '99999999999999y'])(
    'refuses %j',
    (text) => expect(parseDuration(text)).toBeNull(),
  );

  it('reads what it writes', () => {
    fc.assert(fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), (ms) => parseDuration(formatDuration(ms)) === ms));
  });

  it('reads a sum of units', () => {
    const parts = fc.tuple(fc.nat(99), fc.nat(99), fc.nat(99), fc.nat(999));
    fc.assert(
      fc.property(parts, ([h, m, s, ms]) => {
        expect(parseDuration(`${h}h${m}m${s}s${ms}ms`)).toBe(h * 3_600_000 + m * 60_000 + s * 1000 + ms);
      }),
    );
  });

  it('calls no limit never', () => expect(formatDuration(Number.POSITIVE_INFINITY)).toBe('never'));

  it('knows by a pattern which ones in one unit are shorter than a limit', () => {
    const limits = fc.oneof(fc.constantFrom(1, 100, 1000, 5000, 10_000), fc.integer({ min: 1, max: 200_000 }));
    const amounts = fc.oneof(fc.nat(20), fc.nat(200_000));
    const units = fc.constantFrom('ms', 's', 'm', 'h', 'd', 'w', 'y');
    fc.assert(
      fc.property(limits, amounts, units, fc.constantFrom('', '0', '00'), (limit, amount, unit, zeros) => {
        const text = `${zeros}${amount}${unit}`;
        expect(new RegExp(shorterPattern(limit)).test(text), text).toBe(parseDuration(text)! < limit);
      }),
      { numRuns: 2000 },
    );
    for (const limit of [1, 10, 5000]) {
      const pattern = new RegExp(shorterPattern(limit));
      for (const ms of [0, limit - 1, limit, limit + 1]) expect(pattern.test(`${ms}ms`)).toBe(ms < limit);
      for (const text of ['never', '', '1s1ms', '1m0s', '-1s']) expect(pattern.test(text), text).toBe(false);
    }
  });

  it('knows by a pattern which ones have a part that is longer than a limit', () => {
    const limits = fc.oneof(fc.constantFrom(1, 100, 999, 600_000), fc.integer({ min: 1, max: 200_000 }));
    const amounts = fc.oneof(fc.nat(20), fc.nat(200_000));
    const parts = fc.uniqueArray(fc.constantFrom('y', 'w', 'd', 'h', 'm', 's', 'ms'), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(limits, parts, fc.array(amounts, { minLength: 3, maxLength: 3 }), (limit, units, numbers) => {
        const text = (['y', 'w', 'd', 'h', 'm', 's', 'ms'] as const)
          .filter((unit) => units.includes(unit))
          .map((unit, at) => `${at === 0 ? '0' : ''}${numbers[at]}${unit}`);
        const isLonger = text.some((part) => parseDuration(part)! > limit);
        expect(new RegExp(longerPattern(limit)).test(text.join('')), `${text.join('')} of ${limit}`).toBe(isLonger);
      }),
      { numRuns: 2000 },
    );
    const tooLong = new RegExp(longerPattern(600_000));
    for (const text of ['10m', '600s', '600000ms', '9m59s', '11ms', 'never', ''])
      expect(tooLong.test(text), text).toBe(false);
    for (const text of ['11m', '601s', '600001ms', '1h', '1h0m', '5s700000ms'])
      expect(tooLong.test(text), text).toBe(true);
  });
});
