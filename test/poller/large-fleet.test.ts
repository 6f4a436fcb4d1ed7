import { describe, expect, it } from 'vitest';
import { JobQueue } from '../../src/poller/schedule/job-queue.ts';
import { newPollJob } from '../support/new-poll-job.ts';
import { ids, LateFleet } from './late-fleet.ts';

describe('the reads of a large fleet', () => {
  it.each([
    { size: 21, connections: 1, everyMs: 1000 },
    { size: 200, connections: 1, everyMs: 1000 },
    { size: 400, connections: 1, everyMs: 1000 },
    { size: 800, connections: 1, everyMs: 1000 },
    { size: 30, connections: 30, everyMs: 1000 },
    { size: 400, connections: 40, everyMs: 1000 },
    { size: 21, connections: 1, everyMs: 250, statsIntervalMs: 9000 },
    { size: 400, connections: 1, everyMs: 250, statsIntervalMs: 5000 },
  ])(
    'go out together, and as often as they should: $size environments on $connections connections each $everyMs ms',
    async ({ size, connections, everyMs, statsIntervalMs = 15_000 }) => {
      const fleet = new LateFleet(size, { requestsPerMinute: null, slots: 1000, connections, statsIntervalMs });
      await fleet.clock.advance(300_000);
      const later = fleet.asked.filter(({ at }) => at > 60_000);
      const moments = new Set(later.map(({ at }) => at));
      expect([...moments].filter((at) => at % everyMs !== 0)).toEqual([]);
      expect(moments.size).toBeGreaterThan(0.5 * Math.min(240_000 / everyMs, later.length));
      const gaps = fleet.gaps(ids(size), 60_000);
      expect(gaps.reduce((sum, gap) => sum + gap, 0) / size / statsIntervalMs).toBeCloseTo(1, 2);
    },
  );

  it.each([
    { connections: 1, statsIntervalMs: 5000 },
    { connections: 30, statsIntervalMs: 5000 },
    { connections: 30, statsIntervalMs: 10_000 },
  ])(
    'are soon spread, though all began at once: over $connections connections, every $statsIntervalMs ms',
    async ({ connections, statsIntervalMs }) => {
      const fleet = new LateFleet(30, { requestsPerMinute: null, connections, statsIntervalMs });
      await fleet.clock.advance(600_000);
      const later = fleet.asked.filter(({ at, operation }) => at > 540_000 && operation === 'stats');
      const together = Object.values(Object.groupBy(later, ({ at }) => at)).map((reads) => reads!.length);
      expect(Math.max(...together)).toBeLessThan(15);
    },
  );

  it('begin spread over one interval, but for the first hundred', async () => {
    const queue = new JobQueue();
    queue.replace(ids(10_000).flatMap((id) => (['stats', 'list'] as const).map((one) => newPollJob(id, one))));
    const perSecond = new Map<number, number>();
    for (const { dueAt } of queue.all()) {
      const second = Math.floor(dueAt / 1000);
      perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
    }
    const [first, ...others] = [...perSecond].sort(([a], [b]) => a - b).map(([, count]) => count);
    expect(first).toBeLessThanOrEqual(200 + 10_000 / 15 + 10_000 / 30 + 2);
    expect(Math.max(...others)).toBeLessThanOrEqual(10_000 / 15 + 10_000 / 30 + 2);
    expect(perSecond.size).toBe(30);
  });

  it('of one second start at once where the budget is large', async () => {
    const fleet = new LateFleet(400, { requestsPerMinute: 4800, slots: 1000 });
    await fleet.clock.advance(300_000);
    const later = fleet.asked.filter(({ at }) => at > 60_000);
    expect(later.filter(({ at }) => at % 1000 !== 0)).toEqual([]);
  });

  it.each([
    { requestsPerMinute: 600, size: 400 },
    { requestsPerMinute: 3000, size: 600 },
  ])(
    'keep to a budget of $requestsPerMinute in every minute, however they are put together',
    async ({ requestsPerMinute, size }) => {
      const fleet = new LateFleet(size, { requestsPerMinute });
      await fleet.clock.advance(300_000);
      const times = fleet.asked.map(({ at }) => at);
      const most = times.map((from) => times.filter((at) => at >= from && at < from + 60_000).length);
      expect(Math.max(...most)).toBeLessThanOrEqual(requestsPerMinute);
      expect(Math.max(...most)).toBeGreaterThan(0.85 * requestsPerMinute);
    },
  );
});

it('a small fleet reads each environment at its own time', async () => {
  const fleet = new LateFleet(20, { requestsPerMinute: 10_000 });
  await fleet.clock.advance(120_000);
  const later = fleet.asked.filter(({ at }) => at > 1000);
  expect(later.filter(({ at }) => at % 250 === 0).length).toBeLessThan(0.1 * later.length);
});

it('what is new at a reload does not move what is known', async () => {
  const queue = new JobQueue();
  const known = ids(150).map((id) => newPollJob(id, 'stats', { dueAt: 5000 }));
  queue.replace(known);
  const before = known.map(({ dueAt }) => dueAt);
  queue.replace([...ids(150), 'env_new'].map((id) => newPollJob(id, 'stats', { dueAt: 9000 })));
  expect(known.map(({ dueAt }) => dueAt)).toEqual(before);
  expect(queue.get({ environment: { id: 'env_new' }, operation: 'stats' })!.dueAt).toBe(9000);
});
