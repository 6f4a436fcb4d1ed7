import { expect, it } from 'vitest';
import type { FailureReason } from '../../src/domain/failure.ts';
import { apiError } from '../support/api-errors.ts';
import { environment, POLL } from '../support/environments.ts';
import { PolledFleet } from '../support/polled-fleet.ts';

const MINUTE = 60_000;

function given() {
  const fleet = new PolledFleet();
  for (const id of ['env_1', 'env_2']) fleet.fill(id, 1);
  const stats = fleet.stats.bind(fleet);
  const asked: number[] = [];
  const fail = (reason: FailureReason, httpStatus: number, retryAfterMs: number | null) => {
    fleet.stats = async (id, options) => {
      if (id !== 'env_1') return stats(id, options);
      asked.push(fleet.clock.monotonic());
      throw apiError(reason, { httpStatus, ...(retryAfterMs !== null && { retryAfterMs }) });
    };
  };
  const watch = () => fleet.watch(['env_1', 'env_2'].map((id) => environment(id)));
  return { fleet, fail, asked, watch };
}

it.each<[reason: FailureReason, status: number, retryAfterMs: number, longestMs: number]>([
  ['server_error', 503, 43_200_000, 5 * MINUTE],
  ['server_error', 529, 43_200_000, 5 * MINUTE],
  ['server_error', 503, 2 * MINUTE, 2 * MINUTE],
  ['rate_limited', 429, 43_200_000, 5 * MINUTE],
  ['unauthorized', 401, 43_200_000, MINUTE],
  ['not_found', 404, 43_200_000, MINUTE],
])('a first %s (%d) that asks for %d ms is tried again after %d ms, in one request', async (...situation) => {
  const [reason, status, retryAfterMs, longestMs] = situation;
  const { fleet, fail, asked, watch } = given();
  fail(reason, status, retryAfterMs);
  watch();
  await fleet.clock.advance(longestMs - 1);
  expect(asked).toHaveLength(1);
  await fleet.clock.advance(1001);
  expect(asked).toHaveLength(2);
  expect(asked[1]! - asked[0]!).toBeGreaterThanOrEqual(longestMs);
  // The other environment went on.
  const others = fleet.states.get('env_2')!.operations.stats;
  expect(fleet.clock.now() - others.lastSuccessAt!).toBeLessThan(20_000);
});

/** The waits between the reads of `env_1`, in intervals, so that chance plays no part. */
const waitsOf = (asked: readonly number[]) =>
  asked.slice(1).map((at, index) => Math.round((at - asked[index]!) / POLL.statsIntervalMs));

it.each<[reason: FailureReason, status: number]>([
  ['server_error', 503],
  ['server_error', 529],
  ['rate_limited', 429],
])(
  '%s (%d) again and again, each time with a wait shorter than the interval, doubles nothing',
  async (reason, status) => {
    const { fleet, fail, asked, watch } = given();
    fail(reason, status, 7000);
    watch();
    await fleet.clock.advance(5.5 * POLL.statsIntervalMs);
    expect(waitsOf(asked).slice(0, 4)).toEqual([1, 1, 1, 1]);
  },
);

it('is not shortened by the success of another environment', async () => {
  const { fleet, fail, asked, watch } = given();
  fail('server_error', 503, 4 * MINUTE);
  watch();
  await fleet.clock.advance(1000);
  const stats = fleet.stats;
  let down = true;
  fleet.stats = async (id, options) => {
    if (id === 'env_2' && down) throw apiError('server_error', { httpStatus: 503 });
    return stats(id, options);
  };
  await fleet.clock.advance(MINUTE);
  down = false;
  await fleet.clock.advance(2 * MINUTE);
  expect(fleet.states.get('env_2')!.operations.stats.failure).toBeNull();
  expect(asked).toHaveLength(1);
});
