import { isRefusal } from './backoff.ts';
import type { Job } from './poll-job.ts';

export function keyOf({ environment, operation }: Pick<Job, 'environment' | 'operation'>): string {
  return `${environment.id} ${operation}`;
}

/** The job to keep: the known one with its schedule, brought up to date; or the new one. */
export function adoptJob(known: Job | undefined, job: Job): Job {
  if (known === undefined) return job;
  known.environment = job.environment;
  known.order = job.order;
  if (job.wishedMs !== known.wishedMs) {
    // A shorter interval applies from now, not from the end of the old one.
    if (job.wishedMs < known.intervalMs) known.dueAt = Math.min(known.dueAt, job.dueAt + job.wishedMs);
    known.wishedMs = job.wishedMs;
    known.intervalMs = job.wishedMs;
  }
  // Whoever changed something has probably just mended a refused key or a wrong id.
  if (known.failing !== null && isRefusal(known.failing)) known.dueAt = Math.min(known.dueAt, job.dueAt);
  return known;
}
