import type { Failure } from '../domain/failure.ts';
import type { EnvironmentState } from './environment-state.ts';
import { withOperation } from './transitions.ts';

/**
 * Whether what is known so far says that this is no self-hosted environment.
 *
 * A cloud environment answers its stats with 200, zeros and a null worker count, and its list with 404. Either alone
 * proves nothing: an unknown id is a 404 too, and a null worker count may have other reasons. design.md, decision 2.
 */
export function looksNotSelfHosted(state: EnvironmentState, listFailure: Failure | null): boolean {
  if (listFailure === null) return false;
  const { queue, operations } = state;
  // A worker count is proof of a queue, whatever the list says.
  if (queue !== null && queue.stats.workersPolling !== null) return false;
  if (listFailure.reason === 'not_self_hosted') return true;
  return listFailure.httpStatus === 404 && (queue !== null || operations.stats.failure?.reason === 'not_self_hosted');
}

/** The failure that both operations show for such an environment. */
export function notSelfHostedFailure(listFailure: Failure): Failure {
  return {
    ...listFailure,
    reason: 'not_self_hosted',
    remedy:
      'Only self-hosted environments have a work queue: take this one out of the configuration, or correct its id.',
  };
}

/** Puts both operations down: an environment without a queue must never look healthy and empty. */
export function markedNotSelfHosted(state: EnvironmentState, failure: Failure): EnvironmentState {
  const since = state.operations.stats.failure?.since ?? state.operations.list.failure?.since ?? state.watchedSince;
  return {
    ...withOperation(state, 'stats', { failure: { ...failure, since } }),
    queue: null,
    items: null,
  };
}
