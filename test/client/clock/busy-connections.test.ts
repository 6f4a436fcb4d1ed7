import { describe, expect, it } from 'vitest';
import { isWellSampled, withClockSample } from '../../../src/client/clock/clock-skew.ts';
import { measuredSkewMs, NO_SKEW, type SkewEstimate } from '../../../src/client/clock/skew-estimate.ts';
import { type Exchange, exchange, own, series } from './clock-exchanges.ts';

/** Takes what ClockSkews would take, and counts it. */
function followed(exchanges: readonly Exchange[], estimate: SkewEstimate = NO_SKEW) {
  let taken = 0;
  for (const { sample, now } of exchanges.map(exchange)) {
    if (isWellSampled(estimate, now)) continue;
    estimate = withClockSample(estimate, sample, now);
    taken++;
  }
  return { estimate, taken };
}

const BUSY = { count: 60 * 143, everyMs: 7 };

describe('of the answers of a connection, samples of the clock are', () => {
  it.each([
    { what: 'all of a single environment', of: series(3000, { count: 60, everyMs: 10_000 }), least: 60, most: 60 },
    { what: 'all where one comes a second', of: series(3000, { count: 600, everyMs: 1000 }), least: 600, most: 600 },
    { what: 'all where two come every 100 ms', of: series(3000, { count: 600, everyMs: 101 }), least: 600, most: 600 },
    {
      what: 'all where stats and list of an environment come together, every few seconds',
      of: series(3000, { count: 100, everyMs: 4000 }).flatMap((one) => [one, one]),
      least: 200,
      most: 200,
    },
    // 64 at first; then the minute has 600 times 100 ms.
    { what: 'ten a second of a thousand environments', of: series(3000, BUSY), least: 500, most: 664 },
    // A machine that is wrong, or shows the last second for a little too long.
    ...[2, 3, 10, 100].map((every) => ({
      what: `not many more where one answer in ${every} contradicts the others`,
      of: series(3000, BUSY).map((one, n) => (n % every === 1 ? { ...one, skewMs: 9000 } : one)),
      least: 500,
      most: 64 + 600 * 2.5,
    })),
  ])('$what', ({ of, least, most }) => {
    const { estimate, taken } = followed(of);
    expect(taken).toBeGreaterThanOrEqual(least);
    expect(taken).toBeLessThanOrEqual(most);
    const end = of.at(-1)!.at + 40;
    expect(Math.abs(measuredSkewMs(estimate, own(end))! - 3000)).toBeLessThan(600);
  });

  it('enough that a step of the clock of a busy connection is followed within a fifth of a second', () => {
    const before = followed(series(0, BUSY)).estimate;
    const from = 60_060;
    const after = followed(series(8000, { count: 29, everyMs: 7, from }), before);
    expect(Math.abs(measuredSkewMs(after.estimate, own(from + 28 * 7 + 40))! - 8000)).toBeLessThan(600);
  });

  it.each([600, 4000, -4000, 90_000, -90_000])(
    'the first one after somebody has set the own clock by %i ms, as on any other connection',
    (wallJumpMs) => {
      const before = followed(series(0, BUSY)).estimate;
      const set = series(0, { count: 1, from: 60_060 }).map((one) => ({ ...one, wallJumpMs }));
      const { now } = exchange(set[0]!);
      expect(measuredSkewMs(before, now)).toBeNull();
      const { estimate } = followed(set, before);
      expect(Math.abs(measuredSkewMs(estimate, now)! + wallJumpMs)).toBeLessThan(600);
    },
  );
});
