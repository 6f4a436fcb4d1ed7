import { expect, it } from 'vitest';
import { learnFromList } from '../../../src/poller/schedule/poll-demand.ts';
import { MemoryStateStore } from '../../../src/state/store.ts';
import { newPollJob } from '../../support/new-poll-job.ts';

it.each<[what: string, requests: readonly number[], cost: number]>([
  ['the first read', [6], 6],
  ['a read without a request, because nothing may be free', [0], 1],
  ['a mean in which the last read has a fifth of the weight', [1, 6], 2],
  ['the mean of recent reads, in the end', [60, ...new Array<number>(60).fill(2)], 2],
])('what a read of a list costs is learned: %s', (_, requests, cost) => {
  const job = newPollJob('env_1', 'list');
  for (const each of requests) learnFromList(job, new MemoryStateStore(), each);
  expect(job.requestsPerRead).toBeCloseTo(cost, 3);
});
