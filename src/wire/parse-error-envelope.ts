/**
 * What an error answer says about itself; null where it says nothing. The texts are the API's own, of any length, and
 * may hold a key: they are compared, and not shown.
 */
export interface ErrorEnvelope {
  /** `authentication_error`, `not_found_error`, … */
  readonly type: string | null;
  readonly message: string | null;
  /** `error.details.error_code`, more specific than the type. */
  readonly errorCode: string | null;
}

export const NO_ENVELOPE: ErrorEnvelope = { type: null, message: null, errorCode: null };

/** Never throws: gateways and proxies send error bodies too, and the status alone says a lot. */
export function parseErrorEnvelope(body: unknown): ErrorEnvelope {
  const error = asRecord(asRecord(body).error);
  return {
    type: asText(error.type),
    message: asText(error.message),
    errorCode: asText(asRecord(error.details).error_code),
  };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function asText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
