import type { SlotsInUse } from './job-slots.ts';
import type { PollJob } from './poll-job.ts';

/** What decides whether a connection may start another read now. */
export interface Capacity {
  /** Monotonic, milliseconds. */
  readonly now: number;
  readonly running: SlotsInUse;
  readonly maxConcurrent: number;
  /** The fraction of the connection's jobs that are slow, 0 to 1. */
  readonly slowShare: number;
}

/** How late a job is, as a multiple of its own interval; negative when it is not due. */
function lateness(job: PollJob, now: number): number {
  return (now - job.dueAt) / job.intervalMs;
}

/** A quarter of the slots, and at least one. */
function quarterOf(maxConcurrent: number): number {
  return Math.max(1, Math.floor(maxConcurrent / 4));
}

/**
 * The most slots that slow jobs may hold together while no other job waits: a quarter, or their fraction of all jobs if
 * that is more. So a few slow jobs do not delay the rest, and a connection on which all are slow still uses all slots.
 */
function slotsForSlow(maxConcurrent: number, slowShare: number): number {
  return Math.max(quarterOf(maxConcurrent), Math.floor(maxConcurrent * slowShare));
}

/**
 * All slots but the last quarter: the most that reads of lists may hold together, so that stats never wait for long lists;
 * and slow and unproven jobs while a proven one waits. Else the few that are answered would be read once in a round of all
 * that hang.
 */
function allButAQuarter(maxConcurrent: number): number {
  return Math.max(1, maxConcurrent - quarterOf(maxConcurrent));
}

/**
 * The due job to start now, or null: the one that is latest, in multiples of its interval. Ties go to stats before lists,
 * then to jobs that were never read, then to the order of the configuration: docs/design/budget.md#which-job-goes-next.
 */
export function nextPollJob(jobs: Iterable<PollJob>, capacity: Capacity): PollJob | null {
  const { now, running, maxConcurrent, slowShare } = capacity;
  if (running.inSlots >= maxConcurrent) return null;
  const mayList = running.lists < allButAQuarter(maxConcurrent);
  let proven: PollJob | null = null;
  let unproven: PollJob | null = null;
  let slow: PollJob | null = null;
  for (const job of jobs) {
    if (job.running || job.dueAt > now) continue;
    if (job.operation === 'list' && !mayList) continue;
    if (job.slow) slow = earlier(slow, job, now);
    else if (job.provenAt !== null) proven = earlier(proven, job, now);
    else unproven = earlier(unproven, job, now);
  }
  if (proven !== null && running.slow + running.unproven >= allButAQuarter(maxConcurrent)) return proven;
  const quick = proven === null || unproven === null ? (proven ?? unproven) : earlier(proven, unproven, now);
  // Else those that hang, when they are most of the fleet, would take the slots in which the others could be found.
  const mostSlow = quick === null ? slotsForSlow(maxConcurrent, slowShare) : quarterOf(maxConcurrent);
  if (slow === null || running.slow >= mostSlow) return quick;
  return earlier(quick, slow, now);
}

function earlier(one: PollJob | null, other: PollJob, now: number): PollJob {
  return one === null || goesBefore(other, one, now) ? other : one;
}

function goesBefore(job: PollJob, other: PollJob, now: number): boolean {
  const difference = lateness(job, now) - lateness(other, now);
  if (difference !== 0) return difference > 0;
  if (job.operation !== other.operation) return job.operation === 'stats';
  if (job.neverRead !== other.neverRead) return job.neverRead;
  return job.order < other.order;
}
