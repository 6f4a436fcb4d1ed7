import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scheduledPerMinute } from '../../../src/domain/request-budget.ts';
import {
  NO_SCALING,
  neededFactors,
  nextFactors,
  scaledIntervalMs,
} from '../../../src/poller/schedule/interval-scaling.ts';
import type { PollDemand } from '../../../src/poller/schedule/poll-job.ts';

const stats = (active: boolean): PollDemand => ({ active, configuredMs: 15_000, longestMs: 60_000, cost: 1 });
const many = (count: number, demand: PollDemand) => new Array<PollDemand>(count).fill(demand);

/** Requests a minute with a stretch factor in force. */
const asked = (demands: readonly PollDemand[], factors: { idle: number; active: number }) =>
  demands.reduce((sum, demand) => sum + (60_000 * demand.cost) / scaledIntervalMs(demand, factors), 0);

describe('neededFactors', () => {
  it('is none while everything fits into nine tenths of the budget', () => {
    // 54 stats at 15 s are 216 requests a minute: exactly 0.9 of 240.
    expect(neededFactors(many(54, stats(true)), scheduledPerMinute(240))).toEqual(NO_SCALING);
    expect(neededFactors(many(55, stats(true)), scheduledPerMinute(240)).active).toBeGreaterThan(1);
  });

  it('lengthens the intervals of idle environments first', () => {
    const { idle, active } = neededFactors([...many(40, stats(true)), ...many(40, stats(false))], 216);
    expect(active).toBe(1);
    // 160 of the 216 go to the active ones: 56 are left for 40 idle ones that want 160.
    expect(idle).toBeCloseTo(160 / 56, 3);
  });

  it('lengthens those of active ones when the idle ones have their longest', () => {
    const { idle, active } = neededFactors([...many(60, stats(true)), ...many(60, stats(false))], 216);
    expect(idle).toBe(4);
    expect(active).toBeCloseTo(240 / (216 - 60), 3);
  });

  it('never goes beyond the longest interval, nor below the wished one', () => {
    expect(scaledIntervalMs(stats(true), { idle: 1, active: 100 })).toBe(60_000);
    expect(scaledIntervalMs({ ...stats(true), longestMs: 5_000 }, { idle: 1, active: 100 })).toBe(15_000);
  });

  it('fits whenever fitting is possible, and is not longer than it must be', () => {
    const demand = fc.record({
      active: fc.boolean(),
      configuredMs: fc.integer({ min: 5_000, max: 60_000 }),
      longestMs: fc.integer({ min: 5_000, max: 600_000 }),
      cost: fc.double({ min: 1, max: 40, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(demand, { maxLength: 60 }), fc.integer({ min: 10, max: 2_000 }), (demands, rpm) => {
        const needed = neededFactors(demands, scheduledPerMinute(rpm));
        const capacity = 0.9 * rpm;
        const possible = asked(demands, { idle: 1e9, active: 1e9 }) <= capacity;
        if (possible) expect(asked(demands, needed)).toBeLessThanOrEqual(capacity * 1.000001);
        // Whatever is scaled is scaled because a little less would not do.
        const less =
          needed.active > 1 ? { ...needed, active: needed.active * 0.99 } : { ...needed, idle: needed.idle * 0.99 };
        const stretched = needed.active > 1 || needed.idle > 1;
        if (stretched && possible) expect(asked(demands, less)).toBeGreaterThan(capacity * 0.98);
        if (needed.active > 1) expect(asked(demands, { idle: 1e9, active: 1 })).toBeGreaterThan(capacity);
      }),
    );
  });
});

describe('nextFactors', () => {
  it('rises a fifth a step and falls at once', () => {
    const needed = { idle: 4, active: 1.1 };
    const first = nextFactors(NO_SCALING, needed);
    expect(first).toEqual({ idle: 1.2, active: 1.1 });
    expect(nextFactors(first, needed).idle).toBeCloseTo(1.44);
    expect(nextFactors({ idle: 4, active: 2 }, NO_SCALING)).toEqual(NO_SCALING);
  });
});
