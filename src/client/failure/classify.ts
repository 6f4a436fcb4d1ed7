import { type Failure, type FailureReason, NOT_SELF_HOSTED_REMEDY } from '../../domain/failure.ts';
import { describeRequest } from './describe-request.ts';
import type { FailedRequest } from './failed-request.ts';
import { remedyFor } from './remedies.ts';

/**
 * The words with which a service says that an environment is of another kind:
 * docs/design/work-api.md#environments-that-are-not-self-hosted.
 */
const NOT_SELF_HOSTED =
  /only available for self-?_?hosted|only byoc and bridge environments|not (?:a )?self-?_?hosted/i;

export interface ClassifyOptions {
  readonly requestId: string | null;
  /** The answer's `error.type`, as it may be shown. */
  readonly type?: string | null;
  /** Where a redirect leads: scheme, host and port only. */
  readonly redirectTo?: string | null;
}

/**
 * An answer that is not a success, as a failure. Its body decides the reason and the remedy, and is not quoted.
 *
 * It is judged by this one answer. Whether a 404 of the list really means a cloud environment is decided where the stats
 * are known too (docs/design/freshness.md#environments-that-are-not-self-hosted).
 */
export function classifyAnswer(request: FailedRequest, options: ClassifyOptions): Failure {
  const { status, isPage = false } = request;
  const { requestId, type = null, redirectTo = null } = options;
  const reason = reasonOf(request);
  const kind = type === null ? '' : ` ${type}`;
  const page = isPage ? ' and an HTML page' : '';
  const target = redirectTo === null ? '' : `, a redirect to ${redirectTo}`;
  return {
    reason,
    httpStatus: status,
    requestId,
    message: `${describeRequest(request)} was answered with ${status}${kind}${page}${target}`,
    remedy: reason === 'not_self_hosted' ? NOT_SELF_HOSTED_REMEDY : remedyFor(request),
  };
}

function reasonOf({ status, envelope, byCursor, isPage }: FailedRequest): FailureReason {
  // Somebody else answers: the key may be good, and what was asked for may be there.
  if (isPage === true && (status === 401 || status === 403 || status === 404)) return 'bad_response';
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  // Only the page is missing: its cursor came from a list that exists.
  if (status === 404 && byCursor === true) return 'client_error';
  if ((status === 404 || status === 400) && NOT_SELF_HOSTED.test(envelope.message ?? '')) return 'not_self_hosted';
  if (status === 404) return 'not_found';
  if (status === 408) return 'timeout';
  if (status === 429) return 'rate_limited';
  if (status >= 500) return 'server_error';
  // What is left: redirects and client errors, and successes without a body, such as 204.
  return status < 300 ? 'bad_response' : 'client_error';
}
