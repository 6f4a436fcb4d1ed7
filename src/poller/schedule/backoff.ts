import { jitter, type Random } from '../../base/random.ts';
import type { FailureReason } from '../../domain/failure.ts';

/** Caps: docs/design/budget.md#backoff. */
const LONGEST_MS = 300_000;
/** A person fixes a refused key or a wrong id, and then waits for the exporter to notice. */
const LONGEST_UNTIL_REPAIRED_MS = 60_000;
/**
 * While all environments of a connection fail alike, they try this often together: the first success brings the others.
 */
const PROBE_EVERY_MS = 30_000;
const NEED_REPAIR: ReadonlySet<FailureReason> = new Set(['unauthorized', 'forbidden', 'not_found', 'not_self_hosted']);

/** Reasons that usually end for all environments of a connection at once. */
const SHARED: ReadonlySet<FailureReason> = new Set([
  'rate_limited',
  'timeout',
  'network',
  'server_error',
  'bad_response',
]);

/** Beyond 64 intervals, doubling makes no difference, and 2^1024 is Infinity. */
const MOST_DOUBLINGS = 6;

/**
 * Milliseconds from a failed poll to the next: the interval, doubled with each further failure, at most the cap, never
 * shorter than the interval unless the cap of the reason is, ±10 %.
 *
 * @param failure `jobs`: how many the connection has. While few share it, each tries sooner, so that the end of an
 * outage is noticed within a minute or two.
 */
export function backoffMs(
  failure: { readonly reason: FailureReason; readonly consecutiveFailures: number; readonly jobs: number },
  intervalMs: number,
  random: Random,
): number {
  const longest = longestBackoffMs(failure.reason);
  const shortest = Math.min(intervalMs, longest);
  const cap = mayEndTogether(failure.reason) ? Math.min(longest, failure.jobs * PROBE_EVERY_MS) : longest;
  const doublings = Math.min(Math.max(failure.consecutiveFailures - 1, 0), MOST_DOUBLINGS);
  const wished = Math.min(intervalMs * 2 ** doublings, cap);
  return Math.max(Math.min(jitter(wished, 0.1, random), longest), shortest);
}

/** The longest wait after a failure of this kind, even if the API asks for more. */
export function longestBackoffMs(reason: FailureReason): number {
  return needsRepair(reason) ? LONGEST_UNTIL_REPAIRED_MS : LONGEST_MS;
}

/** Whether the success of one environment is a reason to try the others of its connection soon. */
export function mayEndTogether(reason: FailureReason): boolean {
  return SHARED.has(reason);
}

/** Whether a person must fix something before the next try can succeed. */
export function needsRepair(reason: FailureReason): boolean {
  return NEED_REPAIR.has(reason);
}
