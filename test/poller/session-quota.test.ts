import { beforeEach, describe, expect, it } from 'vitest';
import { SessionQuota } from '../../src/sessions/session-quota.ts';
import { ManualClock } from '../support/manual-clock.ts';

let clock: ManualClock;
let configuredPerMinute: number;
let quota: SessionQuota;

beforeEach(() => {
  clock = new ManualClock();
  configuredPerMinute = 60;
  quota = new SessionQuota(() => ({ configuredPerMinute }), clock);
});

describe('the quota of reads of sessions', () => {
  it.each([
    ['of a large budget, 52 requests a minute flow in', 600, 2308],
    ['of the default budget, 19.6', 240, 6123],
    ['of a small budget, 3.4', 60, 35_295],
    ['where a burst would leave nothing, half of the part, 1.8', 40, 66_667],
    ['of the smallest budget, 0.045', 1, 2_666_667],
  ])('is for one read at once; %s', async (_share, perMinute, waitMs) => {
    configuredPerMinute = perMinute;
    expect([quota.untilNextMs(), quota.tryTakeForRead(), quota.tryTakeForRead()]).toEqual([0, true, false]);
    expect(quota.untilNextMs()).toBe(waitMs);
    await clock.advance(waitMs - 1);
    expect([quota.untilNextMs(), quota.tryTakeForRead()]).toEqual([1, false]);
    await clock.advance(1);
    expect([quota.untilNextMs(), quota.tryTakeForRead(), quota.tryTakeForRead()]).toEqual([0, true, false]);
  });

  it.each([
    ['nothing', 0, 35_295],
    ['half', 1, 17_648],
    ['all', 2, 0],
    ['more than it took', 5, 0],
  ])('waits less when a read gives back %s', (_name, permits, waitMs) => {
    quota.tryTakeForRead();
    quota.giveBack(permits);
    expect(quota.untilNextMs()).toBe(waitMs);
    expect(quota.tryTakeForRead()).toBe(waitMs === 0);
    expect(quota.tryTakeForRead()).toBe(false);
  });

  it('a quota that is not used saves nothing up for later', async () => {
    await clock.advance(3_600_000);
    expect([quota.tryTakeForRead(), quota.tryTakeForRead()]).toEqual([true, false]);
  });

  it('goes by the budget that is configured now', async () => {
    quota.tryTakeForRead();
    await clock.advance(24_000);
    expect(quota.untilNextMs()).toBe(11_295);
    configuredPerMinute = 600;
    expect(quota.untilNextMs()).toBe(739);
  });
});
