import { expect, it } from 'vitest';
import { sleep } from '../../src/base/clock.ts';
import { environment } from '../support/environments.ts';
import { PolledFleet } from '../support/polled-fleet.ts';

const ENVIRONMENTS = 60;
const MINUTES = 5;

it.each([100, 8000])('a state file that takes %i ms a write delays no read of another environment', async (ms) => {
  const save = async (_: unknown, __: unknown, counted: boolean) => (counted ? sleep(clock, ms) : undefined);
  const fleet = new PolledFleet({ requestsPerMinute: 6000, limit: 100, maxConcurrent: 8, answerMs: 100, save });
  const { clock, states } = fleet;
  const environments = Array.from({ length: ENVIRONMENTS }, (_, n) => environment(`env_${n}`));
  for (const { id } of environments) fleet.fill(id, 0);
  fleet.watch(environments);
  await clock.advance(60_000);
  const [from, ages] = [clock.monotonic(), { stats: 0, list: 0 }];
  for (let second = 0; second < MINUTES * 60; second++) {
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
  const readsOfEach = (MINUTES * 60_000) / 30_000;
  expect(fleet.since(from, 'list').length).toBeLessThanOrEqual(ENVIRONMENTS * (readsOfEach + 1));
  // Nor does the API seem to be slow.
  const durations = states.all().map(({ operations }) => operations.list.lastDurationSeconds ?? Number.NaN);
  expect(Math.max(...durations)).toBeLessThan(0.2);
  const stopped = fleet.poller.stop();
  await clock.advance(2 * ms);
  await stopped;
});
