import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue } from '../../../src/simulator/world/event-queue.ts';
import { SimulatedClock } from '../../../src/simulator/world/simulated-clock.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { call, testSimulator } from '../support/simulators.ts';

describe('the queue of events', () => {
  it('runs everything that is due, in order of time and then of planning', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 20 })), fc.nat({ max: 20 }), (times, until) => {
        const queue = new EventQueue();
        const ran: [number, number][] = [];
        for (const [number, at] of times.entries()) queue.schedule(at, (now) => ran.push([now, number]));
        for (let due = queue.takeDue(until); due !== null; due = queue.takeDue(until)) due.run(due.at);
        const expected = times
          .map((at, number): [number, number] => [at, number])
          .filter(([at]) => at <= until)
          .sort(([a, first], [b, second]) => a - b || first - second);
        expect(ran).toEqual(expected);
        expect(queue.nextAt === null || queue.nextAt > until).toBe(true);
      }),
    );
  });
});

describe('simulated time', () => {
  it('passes at its speed, jumps ahead and never goes back', async () => {
    const real = new ManualClock();
    const clock = new SimulatedClock(real, 10);
    const start = real.now();
    await real.advance(1000);
    expect(clock.now() - start).toBe(10_000);
    clock.setSpeed(0);
    await real.advance(1000);
    expect(clock.now() - start).toBe(10_000);
    clock.advance(5);
    clock.advance(-100);
    expect(clock.now() - start).toBe(15_000);
    // A wall clock set back is not a reason to go back.
    real.jumpWall(-60_000);
    clock.setSpeed(1);
    await real.advance(1000);
    expect(clock.now() - start).toBe(16_000);
  });
});

describe('a poll with block_ms', () => {
  const pollPath = (id: string, query: string) => `/v1/environments/${id}/work/poll?${query}`;

  it('waits for an item and gets it', async () => {
    const simulator = await testSimulator();
    const { id, environmentKey } = simulator.prod;
    const answer = call(simulator, environmentKey, pollPath(id, 'block_ms=999'), {
      headers: { 'anthropic-worker-id': 'w1' },
    });
    // The poll is under way once its worker counts as polling.
    await waitUntil(() => simulator.truth().environments[id]!.workers_polling > 0);
    const made = simulator.enqueue(id);
    expect((await answer).body).toMatchObject({ id: made, state: 'queued' });
  });

  it('a poll that waits answers null when no item comes', async () => {
    const simulator = await testSimulator();
    const answer = await call(simulator, simulator.prod.environmentKey, pollPath(simulator.prod.id, 'block_ms=5'));
    expect(answer).toMatchObject({ status: 200, body: null });
  });

  it('does not hand an item to a client that has gone away', async () => {
    const simulator = await testSimulator();
    const { id, environmentKey } = simulator.prod;
    const abort = new AbortController();
    const headers = {
      authorization: `Bearer ${environmentKey}`,
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'managed-agents-2026-04-01',
      'anthropic-worker-id': 'w1',
    };
    const gone = fetch(`${simulator.url}${pollPath(id, 'block_ms=999')}`, { signal: abort.signal, headers });
    await waitUntil(() => simulator.truth().environments[id]!.workers_polling > 0);
    abort.abort();
    await expect(gone).rejects.toThrow();
    // Another poll on the same server comes after the end of the first connection was noticed.
    await call(simulator, environmentKey, pollPath(id, 'block_ms=100'));
    const made = simulator.enqueue(id);
    const next = await call(simulator, environmentKey, pollPath(id, 'block_ms=1'));
    expect(next.body.id).toBe(made);
  });

  it.each(['block_ms=0', 'block_ms=1000', 'block_ms=x', 'reclaim_older_than_ms=0'])('%s is refused', async (query) => {
    const simulator = await testSimulator();
    const answer = await call(simulator, simulator.prod.environmentKey, pollPath(simulator.prod.id, query));
    expect(answer.status).toBe(400);
  });
});
