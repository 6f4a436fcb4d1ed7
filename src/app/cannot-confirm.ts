import { ENVIRONMENT_REASONS } from '../rules/series/failure-series.ts';
import type { OperationState } from '../state/environment-state.ts';

/**
 * Whether a read cannot confirm an alert which says that it fails. It was not tried yet, or it has succeeded after the scrape
 * that the alert was evaluated from: the evaluation of a large fleet takes a while, and until the next one the page would
 * call the list unreadable. Or it fails for a reason that other alerts report.
 *
 * @param read undefined where the environment is no longer watched
 */
export function cannotConfirm(read: Pick<OperationState, 'failure'> | undefined): boolean {
  return read !== undefined && (read.failure === null || ENVIRONMENT_REASONS.includes(read.failure.reason));
}
