import type { Environment, Operation } from '../domain/environment.ts';
import type { FailureReason } from '../domain/failure.ts';
import type { SweepMemory } from '../scan/scan-state.ts';

/** One operation of one environment on its schedule. Times are monotonic milliseconds. */
export interface Job {
  environment: Environment;
  readonly operation: Operation;
  /** Position in the configuration, the last tie-breaker. */
  order: number;
  /** The configured interval. */
  wishedMs: number;
  /** The scheduled interval: stretched by the budget, without backoff. */
  intervalMs: number;
  dueAt: number;
  running: boolean;
  /** It runs, but waits for a turn to walk on: it has no request under way and holds no slot. */
  waiting: boolean;
  /** Something happened while it ran that it may have missed: read once more. */
  again: boolean;
  neverRead: boolean;
  /** When a read last brought other numbers than the one before; monotonic. */
  changedAt: number;
  /** Requests a read of late, without those of walks; null before the first. */
  requestsARead: number | null;
  /** Why the last read failed, or null. */
  failing: FailureReason | null;
  /** What earlier reads of the list taught; unused by stats. */
  readonly memory: SweepMemory;
}

/** A walk over its list is under way, or always is. What fails walks nowhere. */
export function isWalking({ memory, failing }: Job): boolean {
  return failing === null && (memory.walk !== null || memory.order === 'none');
}

/** A walk is under way that something waits for. */
export function walksUrgently(job: Job): boolean {
  return isWalking(job) && job.memory.walk?.urgent === true;
}

export interface Capacity {
  readonly now: number;
  readonly running: readonly Job[];
  readonly maxConcurrent: number;
}

/** How late a job is in units of its own interval; negative when it is not due. */
function lateness(job: Job, now: number): number {
  return (now - job.dueAt) / job.intervalMs;
}

/** Slots that environments whose last read timed out may hold together: a quarter, and one at the least. */
function slotsForTimedOut(maxConcurrent: number): number {
  return Math.max(1, Math.floor(maxConcurrent / 4));
}

/**
 * The due job to start now, or null: the one that is latest in units of its interval; ties go to stats before list, to
 * what was never read, then to the order of the configuration. algorithms.md, 3.
 */
export function nextJob(jobs: Iterable<Job>, capacity: Capacity): Job | null {
  const { now, running, maxConcurrent } = capacity;
  if (running.length >= maxConcurrent) return null;
  const hanging = running.filter((job) => job.failing === 'timeout').length;
  const mayHang = hanging < slotsForTimedOut(maxConcurrent);
  let best: Job | null = null;
  for (const job of jobs) {
    if (job.running || job.dueAt > now) continue;
    if (job.failing === 'timeout' && !mayHang) continue;
    if (best === null || goesBefore(job, best, now)) best = job;
  }
  return best;
}

function goesBefore(job: Job, other: Job, now: number): boolean {
  const difference = lateness(job, now) - lateness(other, now);
  if (difference !== 0) return difference > 0;
  if (job.operation !== other.operation) return job.operation === 'stats';
  if (job.neverRead !== other.neverRead) return job.neverRead;
  return job.order < other.order;
}

/** When the next job that is not running becomes due; Infinity when there is none. */
export function nextDueAt(jobs: Iterable<Job>): number {
  let earliest = Number.POSITIVE_INFINITY;
  for (const job of jobs) if (!job.running) earliest = Math.min(earliest, job.dueAt);
  return earliest;
}
