import { ExporterError } from '../base/errors.ts';

/** What the error envelope carries besides its type and message. */
export type RejectionDetails = Readonly<Record<string, unknown>>;

/** A request that the API rejects: the status and the `error` of its envelope (docs/design/work-api.md#errors). */
export class Rejection extends ExporterError {
  readonly status: number;
  readonly type: string;
  readonly details: RejectionDetails | null;
  /** True for a key that is no longer known: such an answer carries no request id. */
  readonly anonymous: boolean;

  constructor(
    status: number,
    message: string,
    options: { type?: string; details?: RejectionDetails; anonymous?: boolean } = {},
  ) {
    super(`simulator_${status}`, message);
    this.status = status;
    this.type = options.type ?? TYPE_OF_STATUS[status] ?? 'api_error';
    this.details = options.details ?? null;
    this.anonymous = options.anonymous ?? false;
  }
}

/** The `error.type` that goes with a status. */
export const TYPE_OF_STATUS: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  409: 'invalid_request_error',
  412: 'invalid_request_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  502: 'api_error',
  503: 'api_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

/** Rejects what can no longer be done with an archived environment. */
export function archivedRejection(environmentId: string): Rejection {
  return new Rejection(400, `Environment ${environmentId} is archived`, {
    details: { error_code: 'environment_archived' },
  });
}
