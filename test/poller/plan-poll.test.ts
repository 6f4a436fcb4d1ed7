import { expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { planPoll } from '../../src/poller/plan-poll.ts';
import { JobQueue } from '../../src/poller/schedule/job-queue.ts';
import type { ScanQuota } from '../../src/poller/schedule/scan-quota.ts';
import { initialState } from '../../src/state/initial-state.ts';
import { MemoryStateStore } from '../../src/state/store.ts';
import { failure } from '../support/api-errors.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { newPollJob } from '../support/new-poll-job.ts';

const QUICK = { failure: null, msPerRequest: 20 };
const LATE = { failure: null, msPerRequest: 2000 };
const FAILED = { failure: failure('forbidden'), msPerRequest: 20 };

it.each([
  ['quickly', 'unknown', QUICK, {}, { stats: true, list: true }],
  ['quickly', 'slow', QUICK, { slow: true }, { stats: true, list: false }],
  ['quickly', 'failing', QUICK, { failing: 'forbidden' }, { stats: true, list: false }],
  ['late', 'unknown', LATE, {}, { stats: false, list: false }],
  ['with a failure', 'unknown', FAILED, {}, { stats: false, list: false }],
] as const)('after stats that end %s, with a list that is %s, it is known which of them are answered', (...row) => {
  const [, , { failure: failed, msPerRequest }, change, expected] = row;
  const clock = new ManualClock();
  const stats = newPollJob('env_1', 'stats');
  const list = newPollJob('env_1', 'list', change);
  const queue = new JobQueue();
  queue.replace([stats, list]);
  const states = new MemoryStateStore();
  states.replaceAll([initialState(stats.environment, { stats: true, list: true }, clock)]);
  planPoll(
    stats,
    {
      startedAt: clock.monotonic(),
      end: { failure: failed, requests: 1, retryAfterMs: null, answeredAt: clock.monotonic() },
      before: states.get('env_1'),
      wasFailing: null,
      lastRescan: null,
      requestsPerRead: 1,
      msPerRequest,
    },
    {
      states,
      clock,
      random: seededRandom(1),
      quota: { msUntilAccrued: () => 0 } as unknown as ScanQuota,
      queue,
      fleet: { jobs: 2 },
    },
  );
  expect({ stats: stats.provenAt !== null, list: list.provenAt !== null }).toEqual(expected);
});
