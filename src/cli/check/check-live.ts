import type { App } from '../../app/app.ts';
import { FRUITLESS_REMEDY, isFruitless, watchesNothing } from '../../app/fleet/discovery-problems.ts';
import type { DiscoveryEnd } from '../../app/fleet/discovery-set.ts';
import { counted } from '../../base/counted.ts';
import type { Config } from '../../config/config.ts';
import { FROM_VARIABLES } from '../../config/file/environment-source.ts';
import { SKIPPED_REMEDY } from '../../discovery/discovery.ts';
import { OPERATIONS, type Operation } from '../../domain/environment.ts';
import { CREDENTIAL_NAMES, type CredentialKind, type Failure, type FailureReason } from '../../domain/failure.ts';
import type { EnvironmentState, OperationState } from '../../state/environment-state.ts';
import { PRESETS } from '../../wire/presets.ts';
import { readSummary, untriedOutcome } from './live-outcome.ts';
import type { LiveRow, Verdict } from './live-row.ts';

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

/** One row per connection that discovers, and one per environment and operation. */
export function liveRows(app: App, config: Config): LiveRow[] {
  const discoveries = app.discovery.ends().map((end) => discoveryRow(app, config, end));
  const listing = new Set(discoveries.flatMap(({ verdict, connection }) => (verdict === 'ok' ? connection : [])));
  return [
    ...discoveries,
    ...app.states
      .all()
      .flatMap((state) => OPERATIONS.map((name) => withoutBlame(row(app, config, { state, name }), listing))),
  ];
}

/**
 * A 401 for an API key that lists environments blames no key: that one is whole and active. A 403 blames its rights.
 */
function withoutBlame(row: LiveRow, listing: ReadonlySet<string>): LiveRow {
  const { credential, connection, http_status: status, operation, credential_source: source } = row;
  if (status !== 401 || credential !== 'api_key' || !listing.has(connection)) return row;
  const remedy = `The API accepts the API key from ${source} for the list of environments, but not for this read (${operation}): check that provider and base_url fit together, and what this key may read.`;
  return { ...row, remedy };
}

function discoveryRow(app: App, config: Config, end: DiscoveryEnd): LiveRow {
  const { connection, failure, found, skipped } = end;
  const row = {
    environment_id: null,
    environment_name: null,
    connection,
    operation: 'environments' as const,
    ...credentialOf(app, config, { connection, kind: 'api_key', environmentId: null }),
    ...outcome(failure),
    duration_seconds: null,
  };
  if (failure !== null) return { ...row, detail: failure.message };
  const left =
    skipped > 0
      ? `; ${counted(skipped, ['is left out because its id is', 'are left out because their ids are'])} unusable`
      : '';
  const detail = `${counted(found)}, archived and cloud ones included${left}`;
  if (isFruitless(end, app.fleet)) {
    return { ...row, verdict: 'not_found', detail: `${detail}; none to watch`, remedy: FRUITLESS_REMEDY };
  }
  const dropped = app.fleet.droppedOf.get(connection) ?? 0;
  if (dropped > 0) {
    const over = `${detail}; ${counted(dropped, ['is', 'are'])} over the limit or the budget and not watched`;
    return {
      ...row,
      ...(watchesNothing(end, app.fleet) ? { verdict: 'not_found' as const } : {}),
      detail: over,
      remedy: 'Raise discovery.max_environments or requests_per_minute, or exclude some.',
    };
  }
  const shared = app.fleet.sharing.has(connection) ? '; all are watched through another connection' : '';
  return { ...row, detail: `${detail}${shared}`, ...(skipped > 0 ? { remedy: SKIPPED_REMEDY } : {}) };
}

function row(app: App, config: Config, { state, name }: { state: EnvironmentState; name: Operation }): LiveRow {
  const { environment } = state;
  const operation = state.operations[name];
  const which = {
    environment_id: environment.id,
    environment_name: environment.name,
    connection: environment.connection,
    operation: name,
  };
  if (!operation.attempted || operation.lastAttemptAt === null) {
    const { provider } = config.connections.find(({ name: connection }) => connection === environment.connection)!;
    return {
      ...which,
      ...untriedOutcome(state, name, { preset: PRESETS[provider], hasFile: config.origin !== FROM_VARIABLES }),
    };
  }
  const { connection, id: environmentId } = environment;
  const where = { connection, kind: operation.credential, environmentId };
  return {
    ...which,
    ...credentialOf(app, config, where),
    ...outcome(operation.failure),
    http_status: operation.failure === null ? 200 : operation.failure.httpStatus,
    ...(operation.failure === null && isDoubtful(state) ? { remedy: DOUBT } : {}),
    ...(operation.failure === null && wasRefusedFirst(operation) ? { remedy: refusedFirst(app, config, where) } : {}),
    duration_seconds: operation.lastDurationSeconds,
    detail: operation.failure?.message ?? readSummary(state, name),
  };
}

/**
 * Whether a cloud environment would look exactly the same:
 * docs/design/work-api.md#environments-that-are-not-self-hosted.
 */
function isDoubtful({ queue, operations, configType = null }: EnvironmentState): boolean {
  return configType === null && !operations.list.attempted && queue?.stats.workersPolling === null;
}

/** The read succeeded with the second key, after the first was refused. */
function wasRefusedFirst({ failuresByReason }: OperationState): boolean {
  return failuresByReason.unauthorized + failuresByReason.forbidden > 0;
}

/** Names the other key than the one that was accepted. */
function refusedFirst(app: App, config: Config, accepted: CredentialPlace): string {
  const kind = accepted.kind === 'api_key' ? 'environment_key' : 'api_key';
  const { credential_source: source } = credentialOf(app, config, { ...accepted, kind });
  return `The API refuses the ${CREDENTIAL_NAMES[kind]} from ${source}, and another key is used instead: replace it, or take it out.`;
}

const DOUBT =
  'A cloud environment, which has no work queue, answers like this too: discovery.enabled or an environment key tells them apart.';

function outcome(failure: Failure | null) {
  if (failure === null) return { verdict: 'ok' as const, http_status: 200, request_id: null, remedy: null };
  const { reason, httpStatus, requestId, remedy } = failure;
  return { verdict: VERDICTS[reason], http_status: httpStatus, request_id: requestId, remedy };
}

interface CredentialPlace {
  readonly connection: string;
  readonly kind: CredentialKind | null;
  readonly environmentId: string | null;
}

function credentialOf(app: App, config: Config, { connection, kind, environmentId }: CredentialPlace) {
  const apiKey = config.connections.find(({ name }) => name === connection)?.apiKey ?? null;
  const secret =
    kind === 'api_key' ? apiKey : environmentId === null ? null : app.connections.environmentKey(environmentId);
  return { credential: kind, credential_source: kind === null ? null : (secret?.source ?? null) };
}
