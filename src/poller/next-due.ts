import type { Clock } from '../base/clock.ts';
import { jitter, type Random } from '../base/random.ts';
import type { EnvironmentState } from '../state/environment-state.ts';
import type { ReadEnd } from './reads/poll-read.ts';
import { backoffMs, longestBackoffMs } from './schedule/backoff.ts';
import type { PollJob } from './schedule/poll-job.ts';
import type { ScanQuota } from './schedule/scan-quota.ts';
import { type FleetSize, nearestStart } from './schedule/ticks.ts';

/** Regular polls vary by this fraction of their interval, so that environments are not read in lockstep. */
const JITTER = 0.1;
/** How many pages of an urgent full scan are worth a read ahead of time. */
const WORTHWHILE_PAGES = 10;

/** What decides when a job whose read has ended is due again. */
export interface NextDueContext {
  /** Monotonic. */
  readonly startedAt: number;
  /** How the read ended. */
  readonly end: ReadEnd;
  /** After the read. */
  readonly state: EnvironmentState | undefined;
  readonly quota: Pick<ScanQuota, 'msUntilAccrued'>;
  /** Urgent full scans under way on the connection, including this one. */
  urgentFullScans(): number;
  /** How many jobs the connection has. */
  readonly jobs: number;
  readonly fleet: FleetSize;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * When a job is due again, monotonic; if the read failed, also stores `heldUntil` in the job. Regular polls count from start to start; a backoff counts from the end of the
 * failure.
 */
export function nextDue(job: PollJob, ended: NextDueContext): number {
  const { startedAt, end, state, clock, random } = ended;
  const { failure, retryAfterMs } = end;
  if (failure === null) {
    const { intervalMs } = job;
    const regular = nearestStart(startedAt + jitter(intervalMs, JITTER, random), ended.fleet, JITTER * intervalMs);
    return job.scanState.fullScans.current?.urgent
      ? Math.min(regular, clock.monotonic() + untilWorthwhileMs(job, ended))
      : regular;
  }
  const failures = state?.operations[job.operation].consecutiveFailures ?? 1;
  // Who names a time knows more than a guess that doubles.
  const consecutiveFailures = (retryAfterMs ?? 0) > 0 ? 1 : failures;
  const wait = backoffMs({ reason: failure.reason, consecutiveFailures, jobs: ended.jobs }, job.intervalMs, random);
  job.heldUntil = clock.monotonic() + Math.min(retryAfterMs ?? 0, longestBackoffMs(failure.reason));
  return Math.max(clock.monotonic() + wait, job.heldUntil);
}

/** How long an urgent full scan that ran out of permits waits until there are enough to be worth another read. */
function untilWorthwhileMs({ scanState: { fullScans } }: PollJob, { quota, urgentFullScans }: NextDueContext): number {
  const left = (fullScans.last?.pages ?? 0) - (fullScans.current?.pages ?? 0);
  // A list that has outgrown its last full scan may have any number of pages left.
  const pages = left > 0 ? Math.min(left, WORTHWHILE_PAGES) : WORTHWHILE_PAGES;
  return Math.max(1, quota.msUntilAccrued(pages) * Math.max(1, urgentFullScans()));
}
