import { WALK_SHARE } from '../scan/scan-quota.ts';
import type { StateStore } from '../state/environment-state.ts';
import { withOperation } from '../state/transitions.ts';
import { intervalInForceMs } from './interval-in-force.ts';
import { neededStretch, nextStretch, type Stretch, scheduledPerMinute, stretchedMs } from './interval-scaling.ts';
import { demandOf, walksPerMinute } from './poll-demand.ts';
import type { Job } from './poll-job.ts';

export interface FitOptions {
  readonly states: StateStore;
  /** Monotonic. */
  readonly now: number;
  readonly requestsPerMinute: number;
  /** In force until now. */
  readonly before: Stretch;
}

/**
 * Lengthens the intervals of one connection's jobs until what is scheduled fits into the budget, and shortens them when
 * it may; the states show the interval in force. Returns the stretch that is in force from now on.
 */
export function fitIntoBudget(jobs: readonly Job[], { states, now, requestsPerMinute, before }: FitOptions): Stretch {
  const demands = jobs.map((job) => demandOf(job, states.get(job.environment.id), now));
  const scheduled = scheduledPerMinute(requestsPerMinute);
  const walks = Math.min(walksPerMinute(jobs), WALK_SHARE * scheduled);
  const stretch = nextStretch(before, neededStretch(demands, scheduled - walks));
  for (const [index, job] of jobs.entries()) {
    const intervalMs = stretchedMs(demands[index]!, stretch);
    if (intervalMs === job.intervalMs) continue;
    // A shorter interval applies from now; a failing job has a wait of its own.
    if (intervalMs < job.intervalMs && job.failing === null) job.dueAt = Math.min(job.dueAt, now + intervalMs);
    job.intervalMs = intervalMs;
    const change = { scheduledIntervalMs: intervalInForceMs(job) };
    states.update(job.environment.id, (state) => withOperation(state, job.operation, change));
  }
  return stretch;
}
