import type { PollJob } from './poll-job.ts';

/** This many new environments are read at once; the others are spread over one interval. */
const AT_ONCE = 100;

/**
 * Spreads the first reads of a large fleet over one interval, in the given order. Otherwise all reads would start
 * together, and do so again after every interval.
 *
 * @param jobs the new jobs of a connection; their `dueAt` is moved
 */
export function spreadFirstReads(jobs: readonly PollJob[]): void {
  const places = placesOf(jobs);
  for (const job of jobs) {
    const later = places.get(job.environment.id)! - AT_ONCE;
    if (later > 0) job.dueAt += (later / places.size) * job.intervalMs;
  }
}

/** The position of each environment among those of the jobs, from 0. */
function placesOf(jobs: readonly PollJob[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (const { environment } of jobs) if (!places.has(environment.id)) places.set(environment.id, places.size);
  return places;
}
