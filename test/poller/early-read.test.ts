import { beforeEach, expect, it } from 'vitest';
import { apiError } from '../support/api-errors.ts';
import { environment } from '../support/environments.ts';
import { PolledFleet } from '../support/polled-fleet.ts';

let fleet: PolledFleet;
beforeEach(() => {
  fleet = new PolledFleet({ requestsPerMinute: 60, maxConcurrent: 1 });
  fleet.fill('env_1', 1);
});

async function watched(): Promise<void> {
  fleet.watch([environment('env_1')]);
  await fleet.clock.advance(20_000);
  await fleet.clock.advance(5000);
}

const statsSince = (from: number) => fleet.since(from, 'stats').length;

it('reads ahead of the schedule, which starts anew from there', async () => {
  await watched();
  const from = fleet.clock.monotonic();
  await fleet.clock.advance(2000);
  expect(await fleet.poller.readEarly('env_1')).toBe('read');
  expect(statsSince(from)).toBe(1);
  expect(fleet.ages('stats')).toEqual([0]);
  await fleet.clock.advance(9000);
  expect(statsSince(from)).toBe(1);
  await fleet.poller.stop();
});

it('many at the same time share one read', async () => {
  await watched();
  const from = fleet.clock.monotonic();
  await fleet.clock.advance(1);
  const results = await Promise.all(Array.from({ length: 50 }, () => fleet.poller.readEarly('env_1')));
  expect(new Set(results)).toEqual(new Set(['read']));
  expect(statsSince(from)).toBe(1);
  await fleet.poller.stop();
});

it('no request without a token: asked all the time, it stays inside the budget', async () => {
  await watched();
  const from = fleet.clock.monotonic();
  const results = [];
  for (let step = 0; step < 1200; step++) {
    await fleet.clock.advance(50);
    results.push(await fleet.poller.readEarly('env_1'));
  }
  expect(fleet.since(from).length).toBeLessThanOrEqual(60);
  expect(new Set(results)).toEqual(new Set(['read', 'over_budget']));
  await fleet.poller.stop();
});

it('a read that fails, or that the API asked not to repeat, waits for its time', async () => {
  await watched();
  fleet.stats = async () => {
    throw apiError('server_error', { httpStatus: 503, retryAfterMs: 60_000 });
  };
  await fleet.clock.advance(20_000);
  expect(fleet.states.get('env_1')!.operations.stats.failure).not.toBeNull();
  expect(await fleet.poller.readEarly('env_1')).toBe('not_now');
  await fleet.poller.stop();
});
