import { expect, it } from 'vitest';
import type { PollJob } from '../../../src/poller/schedule/poll-job.ts';
import { isSlow, mayBeRepeated } from '../../../src/poller/schedule/slow-job.ts';
import { newPollJob } from '../../support/new-poll-job.ts';

it.each([
  { what: 'it was quick', slow: false, failing: null, msPerRequest: 1999, expected: false },
  { what: 'it took two seconds a request', slow: false, failing: null, msPerRequest: 2000, expected: true },
  { what: 'it is quick again', slow: true, failing: null, msPerRequest: 100, expected: false },
  { what: 'it timed out, however soon', slow: false, failing: 'timeout', msPerRequest: 500, expected: true },
  { what: 'it failed at once', slow: true, failing: 'server_error', msPerRequest: 20, expected: false },
  { what: 'it failed late', slow: false, failing: 'server_error', msPerRequest: 9000, expected: true },
  { what: 'a full scan of a quick one waited', slow: false, failing: null, msPerRequest: null, expected: false },
  { what: 'a full scan of a slow one waited', slow: true, failing: null, msPerRequest: null, expected: true },
] as const)('slow: $expected, if $what', ({ expected, msPerRequest, ...job }) => {
  expect(isSlow(job, msPerRequest)).toBe(expected);
});

it.each<[what: string, operation: PollJob['operation'], job: Partial<PollJob>, expected: boolean]>([
  ['of the stats', 'stats', {}, true],
  ['of a job that is known to be slow', 'stats', { slow: true }, false],
  ['that waits, and has no request under way', 'stats', { waiting: true }, false],
  ['of a list of one page', 'list', { requestsPerRead: 1 }, true],
  ['of a list that usually takes more requests', 'list', { requestsPerRead: 1.5 }, false],
  ['of a list that was never read', 'list', {}, false],
])('a read may be called off and repeated, or not: %s', (_, operation, job, expected) => {
  expect(mayBeRepeated(newPollJob('env_1', operation, job))).toBe(expected);
});
