import type { StateStore } from '../state/environment-state.ts';
import { withOperation } from '../state/transitions.ts';
import { intervalInForceMs } from './interval-in-force.ts';
import { meanRequests } from './poll-demand.ts';
import type { Job } from './poll-job.ts';

/** What a good read of the list costs without the `walked` requests of its walk, and how far apart its reads count as. */
export function learnFromList(job: Job, states: StateStore, walked: number): void {
  const { id } = job.environment;
  const requests = states.get(id)?.recentPolls[0]?.requests ?? 1;
  job.requestsARead = meanRequests(job.requestsARead, requests - walked);
  const scheduledIntervalMs = intervalInForceMs(job);
  states.update(id, (state) => withOperation(state, 'list', { scheduledIntervalMs }));
}
