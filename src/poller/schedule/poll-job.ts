import type { Environment, Operation } from '../../domain/environment.ts';
import type { FailureReason } from '../../domain/failure.ts';
import type { ScanState } from '../../scan/memory/scan-state.ts';
import { needsRepair } from './backoff.ts';

/** What the schedule of one read requires of the budget. */
export interface PollDemand {
  /** Whether the environment is active: its interval is lengthened last. */
  readonly active: boolean;
  /** The configured interval and its maximum, milliseconds. */
  readonly configuredMs: number;
  readonly longestMs: number;
  /** Requests per read. */
  readonly cost: number;
}

/** One operation of one environment on its schedule. Times are monotonic milliseconds. */
export interface PollJob {
  environment: Environment;
  readonly operation: Operation;
  /** Position in the configuration, the last tie-breaker. */
  order: number;
  configuredMs: number;
  /** The scheduled interval: scaled by the budget, without backoff. */
  intervalMs: number;
  dueAt: number;
  running: boolean;
  /** It runs but waits for a permit of its full scan, or for the disk, without a request under way and without a slot. */
  waiting: boolean;
  /** Whether to read once more at once: something happened that the present read may have missed. */
  readAgain: boolean;
  neverRead: boolean;
  /** When a read last brought different numbers; monotonic. */
  changedAt: number;
  /** Recent requests per read, without full scans; null before the first read. */
  requestsPerRead: number | null;
  /** The demand when the intervals were last scaled. */
  demand?: PollDemand;
  /** Why the last read failed, or null. */
  failing: FailureReason | null;
  /** The last read timed out, or held its slot for long. */
  slow: boolean;
  /**
   * When a read last ended quickly and well, monotonic, if no other read has begun to hang since; else null. The other
   * operation of its environment, if it is not slow and does not fail, counts as proven with it.
   */
  provenAt: number | null;
  /** Not before this time, monotonic: the API asked for the wait. */
  heldUntil?: number;
  /** What earlier reads of the list have taught; stays empty for stats. */
  readonly scanState: ScanState;
}

/** Whether a full scan of its list is under way, as always in a list without an order. A failing job runs none. */
export function runsFullScan({ scanState, failing }: PollJob): boolean {
  return failing === null && (scanState.fullScans.current !== null || scanState.order.value === 'none');
}

/** Whether a full scan that something waits for is under way. */
export function runsUrgentFullScan(job: PollJob): boolean {
  return runsFullScan(job) && job.scanState.fullScans.current?.urgent === true;
}

/** What identifies a job within its connection. */
export interface PollJobName {
  readonly environment: { readonly id: string };
  readonly operation: Operation;
}

/** A text that is the same for jobs of the same name, and for no others. */
export function pollJobKey({ environment, operation }: PollJobName): string {
  return `${environment.id} ${operation}`;
}

/** The job to keep: the known one with its schedule, updated, or the new one. */
export function adoptPollJob(known: PollJob | undefined, job: PollJob): PollJob {
  if (known === undefined) return job;
  known.environment = job.environment;
  known.order = job.order;
  if (job.configuredMs !== known.configuredMs) {
    // A shorter interval applies from now, not after the old one ends.
    if (job.configuredMs < known.intervalMs) known.dueAt = Math.min(known.dueAt, job.dueAt + job.configuredMs);
    known.configuredMs = job.configuredMs;
    known.intervalMs = job.configuredMs;
  }
  // A changed configuration probably fixes a refused key or a wrong id.
  if (known.failing !== null && needsRepair(known.failing)) known.dueAt = Math.min(known.dueAt, job.dueAt);
  return known;
}

/**
 * The interval that a job's state shows. In a list without an order, a new item may stand anywhere, so it takes a full
 * scan to find it: the honest interval is the duration of a full scan
 * (docs/design/list-scan.md#lists-without-an-order).
 */
export function intervalInForceMs({ intervalMs, scanState }: PollJob): number {
  const { last } = scanState.fullScans;
  if (scanState.order.value !== 'none' || last === null) return intervalMs;
  return Math.max(intervalMs, last.endedMonotonic - last.startedMonotonic);
}
