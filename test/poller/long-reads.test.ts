import { afterEach, describe, expect, it } from 'vitest';
import { environment } from '../support/environments.ts';
import { PolledFleet, type PolledFleetOptions } from '../support/polled-fleet.ts';

const MINUTE = 60_000;
const ENVIRONMENTS = ['env_0', 'env_1'];

let fleet: PolledFleet;

afterEach(async () => {
  await fleet.poller.stop();
});

/** A small budget, and lists that are too long to be read whole. */
async function given(options: PolledFleetOptions = {}): Promise<void> {
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
    await given();
    for (const id of ENVIRONMENTS) {
      for (let n = 0; n < 500; n++) fleet.lists.get(id)!.add(fleet.clock.now() - 1000 + n);
    }
    // Full scans, with a quarter of the budget, find what a read does not reach.
    expect(await latestStats(60)).toBeLessThan(2);
    for (const { items } of fleet.states.all()) expect(items!.live.length).toBe(500);
  });

  it('while every list is a read without end, and there are no more slots than lists', async () => {
    await given({ maxConcurrent: ENVIRONMENTS.length });
    fleet.listPage = (_id, _page, { signal } = {}) =>
      new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    expect(await latestStats(15)).toBeLessThan(2);
  });

  it('while lists are empty pages without end', async () => {
    await given();
    for (const id of ENVIRONMENTS) {
      const list = fleet.lists.get(id)!;
      let pages = 0;
      const listPage = list.listPage.bind(list);
      list.listPage = async (...asked) => {
        const answer = await listPage(...asked);
        return { ...answer, value: { ...answer.value, items: [], nextPage: `page_${pages++}` } };
      };
    }
    expect(await latestStats(15)).toBeLessThan(2);
    // A read ends, and what is known of the list stays.
    for (const { operations } of fleet.states.all())
      expect(operations.list.lastSuccessAt).toBeGreaterThan(fleet.clock.now() - 10 * MINUTE);
  });
});
