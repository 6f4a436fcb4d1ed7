import { longestIntervalMs } from '../../domain/environment.ts';
import { WHOLE_PAGES } from '../../scan/memory/full-scan.ts';
import { isReadWhole } from '../../scan/memory/scan-state.ts';
import type { EnvironmentState, StateStore } from '../../state/environment-state.ts';
import { withOperation } from '../../state/operation-changes.ts';
import { intervalInForceMs, type PollDemand, type PollJob } from './poll-job.ts';

/**
 * How long an environment stays active after one of its values changed:
 * docs/design/budget.md#active-and-idle-environments.
 */
const ACTIVE_MS = 300_000;

/**
 * What a job requires of the budget now. The same object as long as nothing changes, because all jobs are asked at once.
 * `now` is monotonic.
 */
export function pollDemandOf(job: PollJob, state: EnvironmentState | undefined, now: number): PollDemand {
  const active = isActive(job, state, now);
  const { configuredMs } = job;
  const longestMs = longestIntervalMs(job.environment.poll, job.operation);
  const cost = job.requestsPerRead ?? 1;
  const last = job.demand;
  if (
    last?.active === active &&
    last.configuredMs === configuredMs &&
    last.longestMs === longestMs &&
    last.cost === cost
  )
    return last;
  job.demand = { active, configuredMs, longestMs, cost };
  return job.demand;
}

/** Activity is judged by the data, never by failing polls: an outage must not slow down what works. */
function isActive(job: PollJob, state: EnvironmentState | undefined, now: number): boolean {
  if (job.failing !== null) return false;
  if (job.neverRead || state === undefined || now - job.changedAt < ACTIVE_MS) return true;
  const { queue, items } = state;
  const waiting = (queue?.stats.depth ?? 0) + (queue?.stats.pending ?? 0);
  return waiting > 0 || (items?.live.length ?? 0) > 0;
}

/** The weight of the last read in the mean. */
const NEWEST = 0.2;

/** Updates the mean of requests per read. Full scans are excluded: they have their own quota. */
function meanRequests(before: number | null, requests: number): number {
  const cost = Math.max(1, requests);
  return before === null ? cost : before + NEWEST * (cost - before);
}

/**
 * Requests a minute that the full scans of these jobs require; Infinity while a full scan runs that has no fixed pace.
 */
export function fullScanRequestsPerMinute(jobs: readonly PollJob[]): number {
  return jobs.reduce((sum, { scanState, environment, failing }) => {
    const { last, current } = scanState.fullScans;
    // A failing job waits for its backoff and runs no full scan.
    if (failing !== null) return sum;
    if (scanState.order.value === 'none' || (last === null && (current?.pages ?? 0) > WHOLE_PAGES))
      return Number.POSITIVE_INFINITY;
    if (last === null || isReadWhole(scanState)) return sum;
    return sum + (60_000 * last.pages) / environment.poll.fullListIntervalMs;
  }, 0);
}

/** Whether a read brought different numbers from the one before. */
export function haveNumbersChanged(before: EnvironmentState | undefined, after: EnvironmentState | undefined): boolean {
  if (before?.items?.live.length !== after?.items?.live.length) return true;
  const [was, is] = [before?.queue?.stats, after?.queue?.stats];
  return (
    was?.depth !== is?.depth ||
    was?.pending !== is?.pending ||
    was?.oldestQueuedAt !== is?.oldestQueuedAt ||
    was?.workersPolling !== is?.workersPolling
  );
}

/** After a successful read of the list: updates what a read costs without its full scan, and the interval that the state shows. */
export function learnFromList(job: PollJob, states: StateStore, requests: number): void {
  const { id } = job.environment;
  job.requestsPerRead = meanRequests(job.requestsPerRead, requests);
  const scheduledIntervalMs = intervalInForceMs(job);
  // The usual case: the state need not be copied.
  if (states.get(id)?.operations.list.scheduledIntervalMs === scheduledIntervalMs) return;
  states.update(id, (state) => withOperation(state, 'list', { ...state.operations.list, scheduledIntervalMs }));
}
