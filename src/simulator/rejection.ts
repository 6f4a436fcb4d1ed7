import { ExporterError } from '../base/errors.ts';

type Details = Readonly<Record<string, unknown>>;

interface RejectionOptions {
  readonly type?: string;
  readonly details?: Details;
  readonly headers?: Readonly<Record<string, string>>;
  /** A key that is no longer known: such an answer carries no request id. */
  readonly anonymous?: boolean;
}

/** A request that the API rejects: docs/design/work-api.md#errors. */
export class Rejection extends ExporterError {
  readonly status: number;
  readonly options: RejectionOptions;

  constructor(status: number, message: string, options: RejectionOptions = {}) {
    super(`simulator_${status}`, message);
    this.status = status;
    this.options = options;
  }

  /** The body of the answer. */
  json(requestId: string | null): Readonly<Record<string, unknown>> {
    const type =
      this.options.type ?? TYPE_OF_STATUS[this.status] ?? (this.status < 500 ? TYPE_OF_STATUS[400] : 'api_error');
    const { details } = this.options;
    const error = { type, message: this.message, ...(details && { details }) };
    return { type: 'error', error, request_id: this.options.anonymous ? null : requestId };
  }
}

/** The `error.type` that goes with a status. */
const TYPE_OF_STATUS: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

/** The result, or null when the API answers with an error. */
export function attempt<T>(call: () => T): T | null {
  try {
    return call();
  } catch (error) {
    if (error instanceof Rejection) return null;
    throw error;
  }
}

export function archivedRejection(environmentId: string): Rejection {
  const details = { error_code: 'environment_archived' };
  return new Rejection(400, `Environment ${environmentId} is archived`, { details });
}
