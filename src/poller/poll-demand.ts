import type { PollSettings } from '../domain/environment.ts';
import { WHOLE_PAGES } from '../scan/full-scans.ts';
import { isReadWhole } from '../scan/scan-state.ts';
import type { EnvironmentState, StateStore } from '../state/environment-state.ts';
import { withOperation } from '../state/transitions.ts';
import { intervalInForceMs, type PollJob } from './poll-job.ts';

/** What the schedule of one read asks of the budget. */
export interface PollDemand {
  /** Something happens in the environment, or nothing is known of it yet: it is slowed down last. */
  readonly active: boolean;
  /** As configured, and as long as it may become, milliseconds. */
  readonly wishedMs: number;
  readonly longestMs: number;
  /** Requests a read. */
  readonly cost: number;
}

/**
 * An environment stays active for so long after a value of it changed:
 * docs/design/budget.md#active-and-idle-environments.
 */
const ACTIVE_MS = 300_000;

/** What a job asks of the budget now. `now` is monotonic. */
export function pollDemandOf(job: PollJob, state: EnvironmentState | undefined, now: number): PollDemand {
  const { poll } = job.environment;
  return {
    active: isActive(job, state, now),
    wishedMs: job.wishedMs,
    longestMs: longestMs(poll, job),
    cost: job.requestsARead ?? 1,
  };
}

function longestMs(poll: PollSettings, { operation }: PollJob): number {
  return operation === 'stats' ? poll.maxStatsIntervalMs : poll.maxListIntervalMs;
}

/** An active environment is judged by its data, never by its failing polls: an outage must not slow down what works. */
function isActive(job: PollJob, state: EnvironmentState | undefined, now: number): boolean {
  if (job.failing !== null) return false;
  if (job.neverRead || state === undefined || now - job.changedAt < ACTIVE_MS) return true;
  const { queue, items } = state;
  const waiting = (queue?.stats.depth ?? 0) + (queue?.stats.pending ?? 0);
  return waiting > 0 || (items?.live.size ?? 0) > 0;
}

/** How much the last read counts in the mean. */
const NEWEST = 0.2;

/** The mean of requests a read with one more read; full scans are apart, for they have a quota of their own. */
export function meanRequests(before: number | null, requests: number): number {
  const cost = Math.max(1, requests);
  return before === null ? cost : before + NEWEST * (cost - before);
}

/**
 * Requests a minute that the full scans of these jobs ask for; more than there are while a full scan goes on that has
 * no cadence.
 */
export function fullScanRequestsPerMinute(jobs: readonly PollJob[]): number {
  return jobs.reduce((sum, { scanState, environment, failing }) => {
    const { last, current } = scanState.fullScans;
    // What fails waits for its backoff and runs no full scan.
    if (failing !== null) return sum;
    if (scanState.order.value === 'none' || (last === null && (current?.pages ?? 0) > WHOLE_PAGES))
      return Number.POSITIVE_INFINITY;
    if (last === null || isReadWhole(scanState)) return sum;
    return sum + (60_000 * last.pages) / environment.poll.fullListIntervalMs;
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

/** What a good read of the list costs, without its full scan, and how far apart its reads count as. */
export function learnFromList(job: PollJob, states: StateStore, requests: number): void {
  const { id } = job.environment;
  job.requestsARead = meanRequests(job.requestsARead, requests);
  const scheduledIntervalMs = intervalInForceMs(job);
  states.update(id, (state) => withOperation(state, 'list', { scheduledIntervalMs }));
}
