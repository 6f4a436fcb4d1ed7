import { expect, it } from 'vitest';
import { seededRandom, sleep } from '../../src/base/clock.ts';
import { Budget } from '../../src/client/budget.ts';
import { OPERATIONS } from '../../src/domain/environment.ts';
import { type ReadEnd, Scheduler } from '../../src/poller/scheduler.ts';
import { MemoryStateStore } from '../../src/state/environment-state.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { environment } from '../support/states.ts';

const TIMEOUT_MS = 10_000;
const ANSWER_MS = 100;

interface Fleet {
  readonly environments: number;
  readonly perMinute: number;
  /** So many of them do not answer: from the beginning, or from a minute on. */
  readonly hanging: number;
  readonly from: 'beginning' | 'later';
  /** Every tenth of them shows work, the others never change. */
  readonly idle?: boolean;
}

/** Seconds between the reads of the stats of each environment that answers to the end, sorted, and of those that are active. */
async function play({ environments, perMinute, hanging, from, idle = false }: Fleet) {
  const clock = new ManualClock();
  const random = seededRandom(environments + hanging);
  const budget = new Budget(perMinute, { clock, random });
  const sent: number[] = [];
  const readAt = new Map<string, number[]>();
  const hangs = (id: string) => Number(id.slice(4)) < hanging && (from === 'beginning' || clock.monotonic() > 60_000);
  const isActive = (id: string) => !idle || Number(id.slice(4)) % 10 === 9;
  const factors = { idle: 1, active: 1 };
  const scheduler = new Scheduler({
    clock,
    random,
    budget,
    slots: () => 32,
    async read({ environment: { id }, operation }, signal): Promise<ReadEnd> {
      if (!budget.tryTake()) await budget.take(signal);
      sent.push(clock.monotonic());
      const isHanging = hangs(id);
      await sleep(clock, isHanging ? TIMEOUT_MS : ANSWER_MS, signal).catch(() => {});
      if (operation === 'stats' && !isHanging) readAt.set(id, [...(readAt.get(id) ?? []), clock.monotonic()]);
      return { failure: isHanging ? 'timeout' : null, retryAfterMs: null, requests: 1, isActive: isActive(id) };
    },
    states: new MemoryStateStore(),
    stretched: (now) => Object.assign(factors, now),
    looking() {},
  });
  const all = Array.from({ length: environments }, (_, n) => environment(`env_${n}`));
  scheduler.replace(
    all.flatMap((one) => OPERATIONS.map((operation) => ({ environment: one, operation }))),
    false,
  );
  scheduler.start();
  await clock.advance(10 * 60_000);
  const end = clock.monotonic();
  const gaps: number[] = [];
  const activeGaps: number[] = [];
  for (const [id, times] of readAt) {
    if (hangs(id)) continue;
    for (const [index, at] of [...times, end].entries()) {
      if (index === 0 || times[index - 1]! < 60_000) continue;
      const gap = (at - times[index - 1]!) / 1000;
      gaps.push(gap);
      if (isActive(id)) activeGaps.push(gap);
    }
  }
  await Promise.all([scheduler.stop(), clock.advance(TIMEOUT_MS)]);
  gaps.sort((one, other) => one - other);
  activeGaps.sort((one, other) => one - other);
  const at = (share: number) => gaps[Math.floor(share * (gaps.length - 1))]!;
  // No request and the one that is the limit further on are within a minute.
  const isWithinBudget = sent.every((one, index) => index < perMinute || one - sent[index - perMinute]! >= 59_999.9);
  const gone = environments - readAt.size;
  const activeMedian = activeGaps[Math.floor(activeGaps.length / 2)]!;
  return { median: at(0.5), worst: at(1), activeMedian, isWithinBudget, gone, factors };
}

it.each<[Fleet, { median: number; worst: number }]>([
  [
    { environments: 50, perMinute: 240, hanging: 0, from: 'beginning' },
    { median: 24, worst: 32 },
  ],
  [
    { environments: 100, perMinute: 240, hanging: 20, from: 'beginning' },
    { median: 46, worst: 60 },
  ],
  [
    { environments: 1000, perMinute: 7200, hanging: 0, from: 'beginning' },
    { median: 16, worst: 18 },
  ],
  [
    { environments: 1000, perMinute: 7200, hanging: 20, from: 'later' },
    { median: 16, worst: 20 },
  ],
  [
    { environments: 1000, perMinute: 7200, hanging: 500, from: 'later' },
    { median: 16, worst: 180 },
  ],
  [
    { environments: 1000, perMinute: 7200, hanging: 990, from: 'later' },
    { median: 80, worst: 330 },
  ],
])('%o: stats that are answered come in time', async (fleet, expected) => {
  const seen = await play(fleet);
  expect(seen.gone).toBe(fleet.from === 'beginning' ? fleet.hanging : 0);
  expect(seen.isWithinBudget).toBe(true);
  expect(seen.median).toBeLessThan(expected.median);
  expect(seen.worst).toBeLessThan(expected.worst);
});

it('idle environments are stretched four times as far as those with work', async () => {
  const { activeMedian, median, factors } = await play({
    environments: 100,
    perMinute: 240,
    hanging: 0,
    from: 'beginning',
    idle: true,
  });
  expect(factors.idle / factors.active).toBeLessThanOrEqual(4);
  expect(activeMedian).toBeLessThan(median / 1.5);
});
