import type { App } from '../../app/app.ts';
import type { Config } from '../../config/config.ts';
import type { CredentialKind, Failure, FailureReason } from '../../domain/failure.ts';
import type { Verdict } from './live-row.ts';

/** An app that has read everything once, and the configuration that it was started with. */
export interface CheckedApp {
  readonly app: App;
  readonly config: Config;
}

/** A key, by the place where it is configured. `kind` is null if no key was used. */
export interface CredentialPlace {
  readonly connection: string;
  readonly kind: CredentialKind | null;
  readonly environmentId: string | null;
}

const VERDICTS: Readonly<Record<FailureReason, Verdict>> = {
  unauthorized: 'refused',
  forbidden: 'refused',
  not_found: 'not_found',
  not_self_hosted: 'not_self_hosted',
  rate_limited: 'rate_limited',
  timeout: 'unreachable',
  network: 'unreachable',
  server_error: 'unreachable',
  bad_response: 'bad_response',
  client_error: 'bad_response',
};

/** The members of a row that say how its read ended; `failure` is null for a success. */
export function outcome(failure: Failure | null) {
  if (failure === null) return { verdict: 'ok' as const, http_status: 200, request_id: null, remedy: null };
  const { reason, httpStatus, requestId, remedy } = failure;
  return { verdict: VERDICTS[reason], http_status: httpStatus, request_id: requestId, remedy };
}

/** The members of a row that name the key which was used, and where it comes from. */
export function credentialOf({ app, config }: CheckedApp, { connection, kind, environmentId }: CredentialPlace) {
  const apiKey = config.connections.find(({ name }) => name === connection)?.apiKey ?? null;
  const secret =
    kind === 'api_key' ? apiKey : environmentId === null ? null : app.connections.environmentKey(environmentId);
  return { credential: kind, credential_source: kind === null ? null : (secret?.source ?? null) };
}
