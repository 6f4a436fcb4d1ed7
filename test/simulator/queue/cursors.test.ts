import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/base/clock.ts';
import { Rejection } from '../../../src/simulator/faults.ts';
import { switchesFor } from '../../../src/simulator/switches.ts';
import { ApiStamps } from '../../../src/simulator/work.ts';
import { WorkQueue } from '../../../src/simulator/work-queue.ts';
import { call, testSimulator } from '../support/simulators.ts';

const ORDERS = ['newest', 'oldest', 'shuffled'] as const;

function queueWith(listOrder: (typeof ORDERS)[number], changes = {}): WorkQueue {
  const switches = switchesFor('anthropic', { listOrder, ...changes });
  return new WorkQueue(switches, new ApiStamps(switches), seededRandom(7));
}

/** Ids of the whole list; `between` is called after each page. */
function listAll(queue: WorkQueue, limit: number, between: () => void = () => {}): string[] {
  const ids: string[] = [];
  for (let page: string | null = null, first = true; first || page !== null; first = false) {
    const shown = queue.list(0, { limit, page });
    ids.push(...shown.items.map(({ id }) => id));
    page = shown.nextPage;
    between();
  }
  return ids;
}

describe.each(ORDERS)('pages of the list, %s', (order) => {
  it('lose nothing and repeat nothing while items arrive, stop and disappear', () => {
    const arbitrary = fc.record({
      items: fc.nat({ max: 40 }),
      history: fc.nat({ max: 10 }),
      limit: fc.integer({ min: 1, max: 9 }),
      arrivals: fc.nat({ max: 3 }),
      stops: fc.nat({ max: 2 }),
    });
    fc.assert(
      fc.property(arbitrary, ({ items, history, limit, arrivals, stops }) => {
        const queue = queueWith(order);
        const made = Array.from({ length: items }, () => queue.create(0).id);
        queue.addHistory(history, 0, 1000);
        const before = queue.all().map(({ id }) => id);
        let pages = 0;
        const seen = listAll(queue, limit, () => {
          // Not forever: the oldest-first full scan follows the arrivals.
          if (pages++ > 30) return;
          for (let i = 0; i < arrivals; i++) queue.create(0);
          for (const id of made.splice(0, stops)) queue.stop(0, id, true);
        });
        expect(new Set(seen).size).toBe(seen.length);
        expect(before.filter((id) => !seen.includes(id))).toEqual([]);
      }),
    );
  });

  it('stay in place when retention takes items away', () => {
    const queue = queueWith(order, { retentionSeconds: 10 });
    const made = Array.from({ length: 12 }, () => queue.create(0).id);
    for (const id of made.slice(0, 6)) queue.stop(0, id, true);
    const first = queue.list(5000, { limit: 4, page: null });
    const rest = queue.list(20_000, { limit: 12, page: first.nextPage });
    const seen = [...first.items, ...rest.items].map(({ id }) => id);
    expect(new Set(seen).size).toBe(seen.length);
    expect(made.slice(6).filter((id) => !seen.includes(id))).toEqual([]);
    expect(queue.all().map(({ id }) => id)).toEqual(made.slice(6));
  });

  it('refuse cursors that are of no list, or of another one', () => {
    const other = Buffer.from('other 3').toString('base64url');
    for (const page of ['nonsense', 'page_', 'page_bm9uZQ', `page_${other}`])
      expect(() => queueWith(order).list(0, { limit: 1, page })).toThrow(Rejection);
  });
});

it('lists newest first, oldest first, or in no order that a clock explains', () => {
  const [newest, oldest, shuffled] = ORDERS.map((order) => {
    const queue = queueWith(order);
    const made = Array.from({ length: 20 }, () => queue.create(0).id);
    return { made, listed: listAll(queue, 100) };
  });
  expect(newest!.listed).toEqual(newest!.made.toReversed());
  expect(oldest!.listed).toEqual(oldest!.made);
  expect(shuffled!.listed).not.toEqual(shuffled!.made);
  expect(shuffled!.listed).not.toEqual(shuffled!.made.toReversed());
  expect(shuffled!.listed.toSorted()).toEqual(shuffled!.made.toSorted());
});

it('over HTTP: twenty items without a limit, no more than the largest, and ids mean nothing where there are cursors', async () => {
  const simulator = await testSimulator();
  const { id, environmentKey } = simulator.prod;
  const made = Array.from({ length: 21 }, () => simulator.enqueue(id));
  const list = (query: string) => call(simulator, environmentKey, `/v1/environments/${id}/work?${query}`);
  expect((await list('')).body.data).toHaveLength(20);
  expect((await list(`limit=1000&after_id=${made[20]}&beta=true`)).body.data).toHaveLength(21);
  for (const query of ['limit=0', 'limit=1001', 'limit=ten', 'page=nonsense'])
    expect([query, (await list(query)).status]).toEqual([query, 400]);
});

it('caps the limit and pages by last id on Qoder', async () => {
  const simulator = await testSimulator({ preset: 'qoder' });
  const made = Array.from({ length: 101 }, () => simulator.enqueue(simulator.prod.id));
  const path = `/api/v1/cloud/environments/${simulator.prod.id}/work?limit=500`;
  const first = await call(simulator, simulator.apiKey, path);
  expect(first.body).toMatchObject({ has_more: true, first_id: made[0], last_id: made[99] });
  const rest = await call(simulator, simulator.apiKey, `${path}&after_id=${made[99]}`);
  expect(rest.body).toMatchObject({ has_more: false, first_id: made[100], last_id: made[100] });
});
