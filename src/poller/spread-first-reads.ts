import type { PollJob } from './poll-job.ts';

/** So many environments are read at once when they are new; the others over one interval. */
const AT_ONCE = 100;

/**
 * Spreads the first reads of a large fleet over one interval, in the order given: otherwise a start would be a burst, and
 * the reads would keep coming together, one interval after the other.
 */
export function spreadFirstReads(jobs: readonly PollJob[]): void {
  const places = new Map<string, number>();
  for (const { environment } of jobs) if (!places.has(environment.id)) places.set(environment.id, places.size);
  for (const job of jobs) {
    const later = places.get(job.environment.id)! - AT_ONCE;
    if (later > 0) job.dueAt += (later / places.size) * job.intervalMs;
  }
}
