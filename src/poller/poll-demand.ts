import type { PollSettings } from '../domain/environment.ts';
import { isReadWhole, WHOLE_PAGES } from '../scan/scan-state.ts';
import type { EnvironmentState } from '../state/environment-state.ts';
import type { Demand } from './interval-scaling.ts';
import type { Job } from './poll-job.ts';

/** An environment stays hot for so long after a value of it changed: algorithms.md, 3. */
const HOT_MS = 300_000;

/** What a job asks of the budget now. `now` is monotonic. */
export function demandOf(job: Job, state: EnvironmentState | undefined, now: number): Demand {
  const { poll } = job.environment;
  return {
    hot: isHot(job, state, now),
    wishedMs: job.wishedMs,
    longestMs: longestMs(poll, job),
    cost: job.requestsARead ?? 1,
  };
}

function longestMs(poll: PollSettings, { operation }: Job): number {
  return operation === 'stats' ? poll.maxStatsIntervalMs : poll.maxListIntervalMs;
}

/** Trouble means the environment's data, never its failing polls: an outage must not slow down what works. */
function isHot(job: Job, state: EnvironmentState | undefined, now: number): boolean {
  if (job.failing !== null) return false;
  if (job.neverRead || state === undefined || now - job.changedAt < HOT_MS) return true;
  const { queue, items } = state;
  const waiting = (queue?.stats.depth ?? 0) + (queue?.stats.pending ?? 0);
  return waiting > 0 || (items?.live.size ?? 0) > 0;
}

/** How much the last read counts in the mean. */
const NEWEST = 0.2;

/** The mean of requests a read with one more read; walks are apart, for they have a share of their own. */
export function meanRequests(before: number | null, requests: number): number {
  const cost = Math.max(1, requests);
  return before === null ? cost : before + NEWEST * (cost - before);
}

/** Requests a minute that the walks of these jobs ask for; more than there are while a walk goes on that has no cadence. */
export function walksPerMinute(jobs: readonly Job[]): number {
  return jobs.reduce((sum, { memory, environment, failing }) => {
    const { lastWalk, walk, order } = memory;
    // What fails waits for its backoff and walks nowhere.
    if (failing !== null) return sum;
    if (order === 'none' || (lastWalk === null && (walk?.pages ?? 0) > WHOLE_PAGES)) return Number.POSITIVE_INFINITY;
    if (lastWalk === null || isReadWhole(memory)) return sum;
    return sum + (60_000 * lastWalk.pages) / environment.poll.fullListIntervalMs;
  }, 0);
}

/** Whether a read brought other numbers than the one before. */
export function hasChanged(before: EnvironmentState | undefined, after: EnvironmentState | undefined): boolean {
  return fingerprint(before) !== fingerprint(after);
}

function fingerprint(state: EnvironmentState | undefined): string {
  const stats = state?.queue?.stats;
  return [stats?.depth, stats?.pending, stats?.oldestQueuedAt, stats?.workersPolling, state?.items?.live.size].join();
}
