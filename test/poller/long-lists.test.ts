import { afterEach, describe, expect, it } from 'vitest';
import { sleep } from '../../src/base/clock.ts';
import { PolledFleet, type PolledFleetOptions } from '../support/polled-fleet.ts';
import { environment } from '../support/states.ts';

const MINUTE = 60_000;
const PER_MINUTE = 240;
const ENVIRONMENTS = ['env_0', 'env_1'];

let fleet: PolledFleet;

afterEach(async () => {
  await fleet.poller.stop();
});

/** Watches lists with so many pages each. */
function given(pages: readonly number[]): void {
  fleet = new PolledFleet({ requestsPerMinute: PER_MINUTE, answerMs: 50 });
  for (const [n, count] of pages.entries()) fleet.fill(`env_${n}`, count);
  fleet.watch(pages.map((_, n) => environment(`env_${n}`)));
}

/** The most pages of lists that were asked for in any minute since then, without the first page of each read. */
function mostFurtherPages(from: number): number {
  const further = fleet.since(from, 'list').filter(({ page }) => page !== null);
  return Math.max(
    ...further.map(({ at }) => further.filter((other) => other.at > at - MINUTE && other.at <= at).length),
  );
}

/** From now on its list is empty pages without end. */
function makeEndless(id: string): void {
  const list = fleet.lists.get(id)!;
  const listPage = list.listPage.bind(list);
  let page = 0;
  list.listPage = async (...asked) => {
    const reply = await listPage(...asked);
    return { ...reply, value: { ...reply.value, items: [], nextPage: `page_${page++}` } };
  };
}

const fullReads = () => fleet.states.all().map(({ items }) => items?.lastFullRead?.at ?? null);

async function passSeconds(seconds: number): Promise<void> {
  for (let n = 0; n < seconds; n++) await fleet.clock.advance(1000);
}

describe('full scans of long lists', () => {
  it.each([
    { lists: 'one of empty pages without end', pages: [1], isEndless: true },
    { lists: 'one of 500 pages', pages: [500], isEndless: false },
    { lists: 'four of 100 pages', pages: [100, 100, 100, 100], isEndless: false },
  ])(
    'take at most a quarter of the budget, and the first ones what else is spare: $lists',
    async ({ pages, isEndless }) => {
      given(pages);
      if (isEndless) makeEndless('env_0');
      await passSeconds(12 * 60);
      expect(fullReads()).not.toContain(null);
      const [first, from] = [mostFurtherPages(0), fleet.clock.monotonic()];
      expect(first).toBeGreaterThan(PER_MINUTE / 2);
      expect(first).toBeLessThanOrEqual((3 * PER_MINUTE) / 4 + 2 * pages.length);
      await passSeconds(12 * 60);
      expect(mostFurtherPages(from + MINUTE)).toBeGreaterThan(PER_MINUTE / 8);
      // Pages on which new items are looked for are not counted among them.
      const front = isEndless ? 12 : 2 * pages.length;
      expect(mostFurtherPages(from + MINUTE)).toBeLessThanOrEqual(PER_MINUTE / 4 + front);
    },
  );

  it('show a list of 100 pages for the first time as soon as the budget allows', async () => {
    given([100, 1, 1]);
    await passSeconds(30);
    expect(fullReads()).not.toContain(null);
  });

  it('take equally long, however long the lists are', async () => {
    given([20, 40, 200, 200]);
    await passSeconds(40 * 60);
    // 460 pages at 60 a minute.
    for (const at of fullReads()) expect(fleet.clock.now() - at!).toBeLessThan(12 * MINUTE);
  });

  it('leave the stats of others as they are', async () => {
    given([200, 200, 1, 1, 1, 1]);
    let latest = 0;
    for (let n = 0; n < 20 * 60; n++) {
      await fleet.clock.advance(1000);
      if (n > 60) latest = Math.max(latest, ...fleet.ages('stats'));
    }
    expect(latest).toBeLessThan(25_000);
  });
});

/** A small budget, and lists that are too long to be read whole. */
async function givenTwo(options: PolledFleetOptions = {}): Promise<void> {
  fleet = new PolledFleet({ requestsPerMinute: 24, ...options });
  for (const id of ENVIRONMENTS) fleet.fill(id, 5);
  fleet.watch(ENVIRONMENTS.map((id) => environment(id)));
  await fleet.clock.advance(10 * MINUTE);
}

/** In units of the interval, the longest that any environment had no stats. */
async function latestStats(minutes: number): Promise<number> {
  let latest = 0;
  for (let n = 0; n < minutes * 12; n++) {
    await fleet.clock.advance(5000);
    for (const [index, age] of fleet.ages('stats').entries()) {
      const { scheduledIntervalMs } = fleet.states.get(ENVIRONMENTS[index]!)!.operations.stats;
      latest = Math.max(latest, age / scheduledIntervalMs);
    }
  }
  return latest;
}

describe('stats come in time', () => {
  it('while reads of lists go on for fifty pages of new items', async () => {
    await givenTwo();
    for (const id of ENVIRONMENTS) {
      for (let n = 0; n < 500; n++) fleet.lists.get(id)!.add(fleet.clock.now() - 1000 + n);
    }
    // Full scans, with a quarter of the budget, find what a read does not reach.
    expect(await latestStats(60)).toBeLessThan(2);
    for (const { items } of fleet.states.all()) expect(items!.live.length).toBe(500);
  });

  it('while every list is a read without end, and there are no more slots than lists', async () => {
    await givenTwo({ maxConcurrent: ENVIRONMENTS.length });
    fleet.listPage = (_id, _page, { signal } = {}) =>
      new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    expect(await latestStats(15)).toBeLessThan(2);
  });

  it('while lists are empty pages without end', async () => {
    await givenTwo();
    for (const id of ENVIRONMENTS) makeEndless(id);
    expect(await latestStats(15)).toBeLessThan(2);
    // A read ends, and what is known of the list stays.
    for (const { operations } of fleet.states.all())
      expect(operations.list.lastSuccessAt).toBeGreaterThan(fleet.clock.now() - 10 * MINUTE);
  });
});

it.each([100, 8000])('a state file that takes %i ms a write delays no read of another environment', async (ms) => {
  const save = async (_: unknown, __: unknown, counted: boolean) => (counted ? sleep(clock, ms) : undefined);
  fleet = new PolledFleet({ requestsPerMinute: 6000, limit: 100, maxConcurrent: 8, answerMs: 100, save });
  const { clock, states } = fleet;
  const environments = Array.from({ length: 60 }, (_, n) => environment(`env_${n}`));
  for (const { id } of environments) fleet.fill(id, 0);
  fleet.watch(environments);
  await clock.advance(60_000);
  const [from, ages] = [clock.monotonic(), { stats: 0, list: 0 }];
  for (let second = 0; second < 5 * 60; second++) {
    // Each read of a list shows something that counts.
    if (second % 20 === 0) for (const list of fleet.lists.values()) list.add(clock.now());
    await clock.advance(1000);
    ages.stats = Math.max(ages.stats, ...fleet.ages('stats'));
    ages.list = Math.max(ages.list, ...fleet.ages('list'));
  }
  // An interval and what it varies by; a list is shown once it is on the disk.
  expect(ages.stats).toBeLessThan(15_000 * 1.1 + 1500);
  expect(ages.list).toBeLessThan(30_000 * 1.1 + ms + 1500);
  // None is called off and repeated.
  const readsOfEach = (5 * MINUTE) / 30_000;
  expect(fleet.since(from, 'list').length).toBeLessThanOrEqual(60 * (readsOfEach + 1));
  // Nor does the API seem to be slow.
  const durations = states.all().map(({ operations }) => operations.list.lastDurationSeconds ?? Number.NaN);
  expect(Math.max(...durations)).toBeLessThan(0.2);
  const stopped = fleet.poller.stop();
  await clock.advance(2 * ms);
  await stopped;
});
