import type { PollSettings } from '../domain/environment.ts';
import type { EnvironmentState } from '../state/environment-state.ts';
import type { Job } from './job.ts';
import type { Demand } from './stretch.ts';

/** An environment stays hot for so long after a value of it changed: algorithms.md, 3. */
const HOT_MS = 300_000;

/** What a job asks of the budget now. `now` is monotonic. */
export function demandOf(job: Job, state: EnvironmentState | undefined, now: number): Demand {
  const { poll } = job.environment;
  return {
    hot: isHot(job, state, now),
    wishedMs: job.wishedMs,
    longestMs: longestMs(poll, job),
    cost: job.operation === 'stats' ? 1 : requestsARead(state),
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

/** The mean of the reads of the list that are remembered; 1 before the first. */
function requestsARead(state: EnvironmentState | undefined): number {
  const reads = state?.recentPolls.filter(({ operation, ok }) => operation === 'list' && ok) ?? [];
  if (reads.length === 0) return 1;
  return Math.max(1, reads.reduce((sum, { requests }) => sum + requests, 0) / reads.length);
}

/** Whether a read brought other numbers than the one before. */
export function hasChanged(before: EnvironmentState | undefined, after: EnvironmentState | undefined): boolean {
  return fingerprint(before) !== fingerprint(after);
}

function fingerprint(state: EnvironmentState | undefined): string {
  const stats = state?.queue?.stats;
  return [stats?.depth, stats?.pending, stats?.oldestQueuedAt, stats?.workersPolling, state?.items?.live.size].join();
}
