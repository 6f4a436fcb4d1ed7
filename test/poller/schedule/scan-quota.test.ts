import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type PermitKind, ScanQuota } from '../../../src/poller/schedule/scan-quota.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const RPM = 240;
/** A quarter of nine tenths. */
const A_MINUTE = 54;
const KINDS: readonly PermitKind[] = ['urgent', 'fair', 'spare'];

let clock: ManualClock;
let quota: ScanQuota;
/** When the budget's bucket is full, as far as the share is told. */
let untilFullMs: number;
/** How long nobody gets a token. */
let pauseMs: number;

beforeEach(() => {
  clock = new ManualClock();
  untilFullMs = 1000;
  pauseMs = 0;
  const budget = {
    tryTake: () => true,
    timeUntilNextMs: () => pauseMs,
    timeUntilFullMs: () => untilFullMs,
    pauseMs: 0,
    isRateLimited: false,
    configuredPerMinute: RPM,
  };
  quota = new ScanQuota({ budget: () => budget, clock });
});

function drain(): void {
  takeAll('urgent');
  takeAll('fair');
}

function takeAll(kind: PermitKind): number {
  let taken = 0;
  while (quota.tryTake(kind)) taken++;
  return taken;
}

/** Who waits for permits, in the order in which they came to have them. */
function waiting(count: number, signal = new AbortController().signal) {
  const granted: number[] = [];
  const all = Array.from({ length: count }, (_, n) => quota.take(signal).then(() => granted.push(n)));
  return { granted, all };
}

describe('the share of full scans', () => {
  it('is a quarter of what scheduled reads may ask for, whoever asks and however often', async () => {
    let taken = 0;
    for (let second = 0; second < 600; second++) {
      taken += takeAll(KINDS[second % 3]!);
      await clock.advance(1000);
    }
    const atTheStart = A_MINUTE / 2;
    expect(taken).toBeLessThanOrEqual(10 * A_MINUTE + atTheStart);
    expect(taken).toBeGreaterThan(10 * A_MINUTE - 1);
  });

  it('gathers for a minute and no longer', async () => {
    await clock.advance(3_600_000);
    // Three quarters in common, and one that is kept from urgent full scans.
    expect([takeAll('urgent'), takeAll('fair')]).toEqual([40, 13]);
  });

  it('leaves half of the common permits to urgent full scans, and half of the rest to those that have not had their part', async () => {
    await clock.advance(60_000);
    expect([takeAll('spare'), takeAll('fair'), takeAll('urgent')]).toEqual([10, 13 + 10, 20]);
  });

  it('goes on for regular full scans, with a quarter of it, while urgent ones take all they can', async () => {
    let fair = 0;
    for (let second = 0; second < 600; second++) {
      takeAll('urgent');
      fair += takeAll('fair');
      await clock.advance(1000);
    }
    expect(fair).toBeGreaterThan(10 * (A_MINUTE / 4) - 1);
  });

  it('tells in which time an urgent full scan finds so many permits', async () => {
    takeAll('urgent');
    await clock.advance(quota.msUntilAccrued(9) + 1);
    expect(takeAll('urgent')).toBe(9);
  });
});

describe('who waits for a permit', () => {
  it('gets it in the order of coming, as fast as permits flow in', async () => {
    drain();
    const { granted } = waiting(90);
    // The half of the common permits that is for urgent full scans fills first.
    await clock.advance(30_000);
    expect(granted).toHaveLength(6);
    await clock.advance(10_000);
    const before = granted.length;
    await clock.advance(60_000);
    expect(Math.abs(granted.length - before - A_MINUTE)).toBeLessThanOrEqual(1);
    expect(granted).toEqual(granted.map((_, n) => n));
  });

  it('gets one at once when there is one and nobody waits before', async () => {
    await clock.advance(60_000);
    await quota.take(new AbortController().signal);
    expect(takeAll('fair')).toBe(13 + 20 - 1);
  });

  // By itself: no look at the budget, once a second, comes before.
  it.each([
    ['that is kept for regular ones', 3_000, 60_000 / (A_MINUTE / 4)],
    ['of the common ones, before one that is kept for regular ones', 0, 60_000 / (0.75 * A_MINUTE)],
  ])('gets the first one %s as soon as that flows in', async (_, after, accruesMs) => {
    untilFullMs = Number.POSITIVE_INFINITY;
    if (after > 0) drain();
    else takeAll('fair');
    await clock.advance(after);
    const wakeUps = vi.spyOn(clock, 'setTimer');
    const { granted } = waiting(1);
    await clock.advance(accruesMs - after - 5);
    expect(granted).toEqual([]);
    await clock.advance(10);
    expect(granted).toEqual([0]);
    expect(wakeUps.mock.calls.length).toBeLessThan(15);
  });

  it('also goes on when the bucket of the budget is full: nobody else wants those requests', async () => {
    drain();
    const { granted } = waiting(5);
    untilFullMs = 0;
    await clock.advance(1002);
    expect(granted.length).toBeGreaterThan(1);
  });

  it('is not let through while the budget pauses: it would only stand before everybody else when that ends', async () => {
    await clock.advance(60_000);
    pauseMs = 100_000;
    const { granted } = waiting(5);
    await clock.advance(60_000);
    expect(granted).toEqual([]);
    pauseMs = 0;
    await clock.advance(100_000);
    expect(granted).toHaveLength(5);
  });

  it('can be called off, before and while waiting', async () => {
    drain();
    const abort = new AbortController();
    const first = quota.take(abort.signal);
    const { granted } = waiting(1);
    abort.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    await expect(quota.take(abort.signal)).rejects.toThrow('enough');
    await clock.advance(40_000);
    expect(granted).toEqual([0]);
    expect(clock.timers).toBe(0);
  });
});
