import { type Failure, NOT_SELF_HOSTED_REMEDY } from '../domain/failure.ts';
import type { EnvironmentState } from './environment-state.ts';

/**
 * Whether what is known so far says that this is not a self-hosted environment.
 *
 * A cloud environment answers its stats with 200, zeros and a null worker count, and its list with 404. Either alone
 * proves nothing: an unknown id is a 404 too, and a null worker count may have other reasons.
 * docs/design/README.md#freshness.
 */
export function looksNotSelfHosted(state: EnvironmentState, listFailure: Failure | null): boolean {
  if (listFailure === null) return false;
  const { queue, operations } = state;
  // A worker count proves that there is a queue, whatever the list says.
  if (queue !== null && queue.stats.workersPolling !== null) return false;
  if (listFailure.reason === 'not_self_hosted') return true;
  if (listFailure.reason !== 'not_found') return false;
  return queue !== null || operations.stats.failure?.reason === 'not_self_hosted' || isDeclaredNotSelfHosted(state);
}

/**
 * Whether the API itself says that the environment is of another kind, and nothing that was read contradicts it.
 *
 * A list that was ever read proves a queue. If the kind is a word that this version does not know, a worker count
 * proves it too: a new kind may have a queue.
 */
export function isDeclaredNotSelfHosted({ configType, queue, operations }: EnvironmentState): boolean {
  if (configType === null || configType === 'self_hosted' || operations.list.lastSuccessAt !== null) return false;
  return configType === 'cloud' || queue === null || queue.stats.workersPolling === null;
}

/** The failure of an environment that the API calls another kind; no request failed, so it has no status. */
export function declaredNotSelfHostedFailure({ environment, configType }: EnvironmentState): Failure {
  // It is the API's text, and appears in terminals and logs.
  const kind = /^[\w-]{1,40}$/.test(configType ?? '') ? `of type ${configType}` : 'of an unknown type';
  return {
    reason: 'not_self_hosted',
    httpStatus: null,
    requestId: null,
    message: `the API's list of environments says that ${environment.id} is ${kind}, not self_hosted`,
    remedy: NOT_SELF_HOSTED_REMEDY,
  };
}

/** The failure that both operations show for such an environment. */
export function notSelfHostedFailure(listFailure: Failure): Failure {
  return { ...listFailure, reason: 'not_self_hosted', remedy: NOT_SELF_HOSTED_REMEDY };
}
