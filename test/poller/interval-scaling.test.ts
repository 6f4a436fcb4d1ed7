import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Demand,
  NO_STRETCH,
  neededStretch,
  nextStretch,
  scheduledPerMinute,
  stretchedMs,
} from '../../src/poller/interval-scaling.ts';

const stats = (hot: boolean): Demand => ({ hot, wishedMs: 15_000, longestMs: 60_000, cost: 1 });
const many = (count: number, demand: Demand) => new Array<Demand>(count).fill(demand);

/** Requests a minute with a stretch in force. */
const asked = (demands: readonly Demand[], stretch: { cold: number; hot: number }) =>
  demands.reduce((sum, demand) => sum + (60_000 * demand.cost) / stretchedMs(demand, stretch), 0);

describe('neededStretch', () => {
  it('is none while everything fits into nine tenths of the budget', () => {
    // 54 stats at 15 s are 216 requests a minute: exactly 0.9 of 240.
    expect(neededStretch(many(54, stats(true)), scheduledPerMinute(240))).toEqual(NO_STRETCH);
    expect(neededStretch(many(55, stats(true)), scheduledPerMinute(240)).hot).toBeGreaterThan(1);
  });

  it('slows the quiet environments first', () => {
    const { cold, hot } = neededStretch([...many(40, stats(true)), ...many(40, stats(false))], 216);
    expect(hot).toBe(1);
    // 160 of the 216 go to the busy ones: 56 are left for 40 quiet ones that want 160.
    expect(cold).toBeCloseTo(160 / 56, 3);
  });

  it('slows the busy ones when the quiet ones are as slow as they may be', () => {
    const { cold, hot } = neededStretch([...many(60, stats(true)), ...many(60, stats(false))], 216);
    expect(cold).toBe(4);
    expect(hot).toBeCloseTo(240 / (216 - 60), 3);
  });

  it('never goes beyond the longest interval, nor below the wished one', () => {
    expect(stretchedMs(stats(true), { cold: 1, hot: 100 })).toBe(60_000);
    expect(stretchedMs({ ...stats(true), longestMs: 5_000 }, { cold: 1, hot: 100 })).toBe(15_000);
  });

  it('fits whenever fitting is possible, and is not longer than it must be', () => {
    const demand = fc.record({
      hot: fc.boolean(),
      wishedMs: fc.integer({ min: 5_000, max: 60_000 }),
      longestMs: fc.integer({ min: 5_000, max: 600_000 }),
      cost: fc.double({ min: 1, max: 40, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(demand, { maxLength: 60 }), fc.integer({ min: 10, max: 2_000 }), (demands, rpm) => {
        const needed = neededStretch(demands, scheduledPerMinute(rpm));
        const capacity = 0.9 * rpm;
        const possible = asked(demands, { cold: 1e9, hot: 1e9 }) <= capacity;
        if (possible) expect(asked(demands, needed)).toBeLessThanOrEqual(capacity * 1.000001);
        // Whatever is stretched is stretched because a little less would not do.
        const less = needed.hot > 1 ? { ...needed, hot: needed.hot * 0.99 } : { ...needed, cold: needed.cold * 0.99 };
        const stretched = needed.hot > 1 || needed.cold > 1;
        if (stretched && possible) expect(asked(demands, less)).toBeGreaterThan(capacity * 0.98);
        if (needed.hot > 1) expect(asked(demands, { cold: 1e9, hot: 1 })).toBeGreaterThan(capacity);
      }),
    );
  });
});

describe('nextStretch', () => {
  it('rises a fifth a step and falls at once', () => {
    const needed = { cold: 4, hot: 1.1 };
    const first = nextStretch(NO_STRETCH, needed);
    expect(first).toEqual({ cold: 1.2, hot: 1.1 });
    expect(nextStretch(first, needed).cold).toBeCloseTo(1.44);
    expect(nextStretch({ cold: 4, hot: 2 }, NO_STRETCH)).toEqual(NO_STRETCH);
  });
});
