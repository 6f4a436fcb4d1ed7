import { beforeEach, describe, expect, it } from 'vitest';
import { type TurnKind, WalkShare } from '../../src/poller/walk-share.ts';
import { ManualClock } from '../support/manual-clock.ts';

const RPM = 240;
/** A quarter of nine tenths. */
const A_MINUTE = 54;
const KINDS: readonly TurnKind[] = ['urgent', 'fair', 'spare'];

let clock: ManualClock;
let share: WalkShare;
/** Whether the budget's bucket is full, as far as the share is told. */
let idle: boolean;

beforeEach(() => {
  clock = new ManualClock();
  idle = false;
  const budget = {
    tryTake: () => true,
    timeUntilNextMs: () => 0,
    timeUntilFullMs: () => (idle ? 0 : 1000),
    configuredPerMinute: RPM,
  };
  share = new WalkShare({ budget: () => budget, clock });
});

function takeAll(kind: TurnKind): number {
  let taken = 0;
  while (share.tryTake(kind)) taken++;
  return taken;
}

/** Who waits for turns, in the order in which they came to have them. */
function waiting(count: number, signal = new AbortController().signal) {
  const granted: number[] = [];
  const all = Array.from({ length: count }, (_, n) => share.take(signal).then(() => granted.push(n)));
  return { granted, all };
}

describe('the share of walks', () => {
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
    expect(takeAll('urgent')).toBe(A_MINUTE);
  });

  it('leaves half of what gathered to urgent walks, and half of the rest to those that have not had their part', async () => {
    await clock.advance(60_000);
    expect([takeAll('spare'), takeAll('fair'), takeAll('urgent')]).toEqual([13, 14, 27]);
  });

  it('tells when an urgent walk finds so many turns, or as many as ever gather', async () => {
    takeAll('urgent');
    expect(share.timeUntilMs(9)).toBeCloseTo(10_000, 3);
    await clock.advance(share.timeUntilMs(9));
    expect(takeAll('urgent')).toBe(9);
    expect(share.timeUntilMs(1000)).toBeCloseTo(60_000, 3);
    await clock.advance(120_000);
    expect(share.timeUntilMs(1)).toBe(0);
  });
});

describe('who waits for a turn', () => {
  it('gets it in the order of coming, as fast as turns flow in', async () => {
    takeAll('urgent');
    const { granted } = waiting(70);
    // The half that is for urgent walks comes first.
    await clock.advance(30_000);
    expect(granted).toEqual([]);
    await clock.advance(60_100);
    expect(granted).toEqual(Array.from({ length: A_MINUTE }, (_, n) => n));
  });

  it('gets one at once when there is one and nobody waits before', async () => {
    await clock.advance(60_000);
    await share.take(new AbortController().signal);
    expect(takeAll('fair')).toBe(A_MINUTE / 2 - 1);
  });

  it('also goes on when the bucket of the budget is full: nobody else wants those requests', async () => {
    takeAll('urgent');
    const { granted } = waiting(5);
    idle = true;
    await clock.advance(1002);
    expect(granted.length).toBeGreaterThan(1);
  });

  it('can be called off, before and while waiting', async () => {
    takeAll('urgent');
    const abort = new AbortController();
    const first = share.take(abort.signal);
    const { granted } = waiting(1);
    abort.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    await expect(share.take(abort.signal)).rejects.toThrow('enough');
    await clock.advance(40_000);
    expect(granted).toEqual([0]);
    expect(clock.timers).toBe(0);
  });
});
