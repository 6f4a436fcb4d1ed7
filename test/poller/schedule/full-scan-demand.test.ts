import { expect, it } from 'vitest';
import { fullScanRequestsPerMinute } from '../../../src/poller/schedule/poll-demand.ts';
import type { PollJob } from '../../../src/poller/schedule/poll-job.ts';
import type { FinishedFullScan } from '../../../src/scan/memory/full-scan.ts';
import type { ListOrder } from '../../../src/scan/memory/list-order.ts';
import { beginFullScan, newPollJob } from '../../support/new-poll-job.ts';

const FULL_LIST_INTERVAL_MS = 600_000;

/** A job whose list had so many pages at its last full scan, and of which the present one has read some. */
function listOf(
  { last, order = 'newest', now = null }: { last: number | null; order?: ListOrder; now?: number | null },
  change: Partial<PollJob> = {},
): PollJob {
  const job = newPollJob('env_1', 'list', { neverRead: false, ...change });
  const { environment, scanState } = job;
  job.environment = { ...environment, poll: { ...environment.poll, fullListIntervalMs: FULL_LIST_INTERVAL_MS } };
  scanState.order.learn(order, 0);
  if (last !== null) scanState.fullScans.end(fullScan(last));
  if (now !== null) beginFullScan(job);
  for (let page = 0; page < (now ?? 0); page++) scanState.fullScans.pageRead(100);
  return job;
}

function fullScan(pages: number): FinishedFullScan {
  return {
    startedMonotonic: 0,
    startedInScan: 1,
    endedMonotonic: 1000,
    endedAt: 1000,
    pages,
    items: 100 * pages,
    parts: [],
    truncated: false,
    roomless: false,
    chainBroken: false,
  };
}

it.each<[what: string, jobs: readonly PollJob[], perMinute: number]>([
  ['of no list', [], 0],
  ['of a list that was never read', [listOf({ last: null })], 0],
  ['of a short list, which each read shows whole', [listOf({ last: 3 })], 0],
  ['of a list of unknown order, which each read shows whole', [listOf({ last: 40, order: 'unknown' })], 0],
  ['of a long list', [listOf({ last: 4 })], 0.4],
  ['of a long list, whatever the present one has read', [listOf({ last: 40, now: 39 })], 4],
  ['of several long lists', [listOf({ last: 40 }), listOf({ last: 20 })], 6],
  ['of a long list that cannot be read', [listOf({ last: 40 }, { failing: 'network' })], 0],
  ['of a list without an order', [listOf({ last: 40, order: 'none' })], Number.POSITIVE_INFINITY],
  ['of a list without an order that cannot be read', [listOf({ last: 40, order: 'none' }, { failing: 'timeout' })], 0],
  ['of a list that may turn out to be short', [listOf({ last: null, now: 3 })], 0],
  ['of a list that turns out to be long', [listOf({ last: null, now: 4 })], Number.POSITIVE_INFINITY],
])('requests a minute for the full scans %s', (_, jobs, perMinute) => {
  expect(fullScanRequestsPerMinute(jobs)).toBeCloseTo(perMinute, 9);
});
