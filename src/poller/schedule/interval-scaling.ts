import { scheduledPerMinute } from '../../domain/request-budget.ts';
import type { StateStore } from '../../state/environment-state.ts';
import { withOperation } from '../../state/operation-changes.ts';
import { fullScanRequestsPerMinute, pollDemandOf } from './poll-demand.ts';
import { intervalInForceMs, type PollDemand, type PollJob } from './poll-job.ts';
import { FULL_SCAN_SHARE } from './scan-quota.ts';

/** The factor by which the intervals of each kind are lengthened, before their own maximum applies. */
export interface StretchFactors {
  readonly idle: number;
  readonly active: number;
}

export const NO_SCALING: StretchFactors = { idle: 1, active: 1 };

/** A stretch factor grows by this much per step, so that a burst of activity does not double the intervals at once. */
const GROWTH = 1.2;
const BISECTIONS = 40;

/** The interval in force of a read, milliseconds. */
export function scaledIntervalMs({ active, configuredMs, longestMs }: PollDemand, factors: StretchFactors): number {
  return Math.min(configuredMs * (active ? factors.active : factors.idle), Math.max(longestMs, configuredMs));
}

/**
 * The smallest stretch factors with which the reads fit into `capacity` requests a minute: first for the idle ones, as
 * far as possible, then for the active ones. If that is not enough, all are scaled as far as allowed, and the budget
 * delays the reads: docs/design/budget.md#interval-scaling.
 */
export function neededFactors(demands: readonly PollDemand[], capacity: number): StretchFactors {
  const fits = (factors: StretchFactors) => requestsOf(demands, factors) <= capacity;
  if (fits(NO_SCALING)) return NO_SCALING;
  const furthest = Math.max(1, ...demands.map(({ configuredMs, longestMs }) => longestMs / configuredMs));
  if (fits({ idle: furthest, active: 1 }))
    return { idle: least(furthest, (idle) => fits({ idle, active: 1 })), active: 1 };
  return { idle: furthest, active: least(furthest, (active) => fits({ idle: furthest, active })) };
}

/** Moves from the stretch factor in force to the needed one: down at once, up step by step. */
export function nextFactors(now: StretchFactors, needed: StretchFactors): StretchFactors {
  const step = (from: number, to: number) => Math.min(to, Math.max(from, 1) * GROWTH);
  return { idle: step(now.idle, needed.idle), active: step(now.active, needed.active) };
}

/** Requests a minute that the reads require. */
function requestsOf(demands: readonly PollDemand[], factors: StretchFactors): number {
  return demands.reduce((sum, demand) => sum + (60_000 * demand.cost) / scaledIntervalMs(demand, factors), 0);
}

/** The smallest factor from 1 to `most` for which `holds` is true, otherwise `most`. */
function least(most: number, holds: (factor: number) => boolean): number {
  let low = 1;
  let high = most;
  for (let step = 0; step < BISECTIONS; step++) {
    const middle = (low + high) / 2;
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}

export interface ScalingOptions {
  readonly states: StateStore;
  /** Monotonic. */
  readonly now: number;
  readonly requestsPerMinute: number;
  /** The stretch factors in force until now. */
  readonly before: StretchFactors;
}

/**
 * Lengthens the intervals of one connection's jobs until the schedule fits into the budget, and shortens them when
 * possible; the states show the interval in force. Returns the new stretch factors, and whether any job has another
 * interval than before.
 */
export function scaleIntervals(
  jobs: readonly PollJob[],
  { states, now, requestsPerMinute, before }: ScalingOptions,
): { readonly factors: StretchFactors; readonly isRescheduled: boolean } {
  const demands = jobs.map((job) => pollDemandOf(job, states.get(job.environment.id), now));
  const scheduled = scheduledPerMinute(requestsPerMinute);
  const fullScans = Math.min(fullScanRequestsPerMinute(jobs), FULL_SCAN_SHARE * scheduled);
  const factors = nextFactors(before, neededFactors(demands, scheduled - fullScans));
  let isRescheduled = false;
  for (let index = 0; index < jobs.length; index++) {
    const job = jobs[index]!;
    const intervalMs = scaledIntervalMs(demands[index]!, factors);
    if (intervalMs === job.intervalMs) continue;
    isRescheduled = true;
    // A shorter interval applies from now; a failing job has its own wait.
    if (intervalMs < job.intervalMs && job.failing === null) job.dueAt = Math.min(job.dueAt, now + intervalMs);
    job.intervalMs = intervalMs;
    const scheduledIntervalMs = intervalInForceMs(job);
    states.update(job.environment.id, (state) =>
      withOperation(state, job.operation, { ...state.operations[job.operation], scheduledIntervalMs }),
    );
  }
  return { factors, isRescheduled };
}
