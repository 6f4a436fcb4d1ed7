import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, looseDuration, parseDuration } from '../../../src/config/options/duration.ts';

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

  it.each([
    ['15 s', 15_000],
    ['15sec', 15_000],
    ['1.5m', 90_000],
    ['2 Hours 30 min', 9_000_000],
    ['PT15S', 15_000],
    ['250 msec', 250],
  ])('knows what %j means', (text, ms) => expect(looseDuration(text)).toBe(ms));

  it.each(['', '15', 's', '1 month', '1 fortnight', '-5 s', '1.0001 ms', '5 s!', `${'9'.repeat(40)} s`])(
    'does not guess what %j means',
    (text) => expect(looseDuration(text)).toBeNull(),
  );

  it('any text is read as a duration or rejected, and nothing throws', () => {
    fc.assert(fc.property(fc.string(), (text) => (looseDuration(text) ?? 0) >= 0));
  });

  it('a duration that was written is read as the same one', () => {
    fc.assert(fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), (ms) => parseDuration(formatDuration(ms)) === ms));
  });

  it('a duration may be a sum of several units', () => {
    const parts = fc.tuple(fc.nat(99), fc.nat(99), fc.nat(99), fc.nat(999));
    fc.assert(
      fc.property(parts, ([h, m, s, ms]) => {
        expect(parseDuration(`${h}h${m}m${s}s${ms}ms`)).toBe(h * 3_600_000 + m * 60_000 + s * 1000 + ms);
      }),
    );
  });

  it('an infinite duration is written as never', () => expect(formatDuration(Number.POSITIVE_INFINITY)).toBe('never'));
});
