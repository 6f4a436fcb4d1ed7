import { jitter, type Random } from '../base/random.ts';
import type { FailureReason } from '../domain/failure.ts';

/** How long a failing read waits at most; and one that a person mends, who then waits for the exporter to notice. */
const LONGEST_MS = 300_000;
const LONGEST_UNTIL_REPAIRED_MS = 60_000;
/** While all reads of a connection fail, one of them is tried this often: the first success brings the others. */
const PROBE_EVERY_MS = 30_000;
const MOST_DOUBLINGS = 6;

const NEED_REPAIR: ReadonlySet<FailureReason> = new Set(['unauthorized', 'forbidden', 'not_found', 'not_self_hosted']);
/** Reasons that usually end for all environments of a connection at once. */
const SHARED: ReadonlySet<FailureReason> = new Set([
  'rate_limited',
  'timeout',
  'network',
  'server_error',
  'bad_response',
]);

/** Whether a person must fix something before the next try can succeed. */
export function needsRepair(reason: FailureReason): boolean {
  return NEED_REPAIR.has(reason);
}

/** Whether the success of one environment is a reason to try the others of its connection soon. */
export function mayEndTogether(reason: FailureReason): boolean {
  return SHARED.has(reason);
}

export interface FailedRead {
  readonly reason: FailureReason;
  /** The wait that the API asked for, or null. */
  readonly retryAfterMs: number | null;
  /** In a row, this one included. */
  readonly failures: number;
}

/**
 * Milliseconds until a failed read is tried again, and until when nothing may bring that forward: the interval, doubled with
 * each further failure. Who names a time knows more than a guess that doubles: then the wait is that time, or the interval.
 *
 * @param among - of so many reads of the connection. Few of them are tried sooner, so that the end of an outage is noticed
 *   within a minute
 */
export function backoffMs(
  { reason, retryAfterMs, failures }: FailedRead,
  { intervalMs, among }: { readonly intervalMs: number; readonly among: number },
  random: Random,
): { readonly waitMs: number; readonly heldMs: number } {
  const longest = needsRepair(reason) ? LONGEST_UNTIL_REPAIRED_MS : LONGEST_MS;
  const cap = mayEndTogether(reason) ? Math.min(longest, among * PROBE_EVERY_MS) : longest;
  const doublings = (retryAfterMs ?? 0) > 0 ? 0 : Math.min(failures - 1, MOST_DOUBLINGS);
  const wished = Math.min(intervalMs * 2 ** doublings, cap);
  const heldMs = Math.min(retryAfterMs ?? 0, longest);
  const waitMs = Math.max(Math.min(jitter(wished, 0.1, random), longest), Math.min(intervalMs, longest));
  return { waitMs: Math.max(waitMs, heldMs), heldMs };
}
