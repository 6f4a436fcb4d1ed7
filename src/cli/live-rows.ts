import type { App } from '../app/app.ts';
import { FRUITLESS_REMEDY, isFruitless, watchesNothing } from '../app/reports.ts';
import { FROM_VARIABLES } from '../config/environment.ts';
import { type DiscoveryOutcome, SKIPPED_REMEDY } from '../discovery/discovery.ts';
import { type ApiOperation, OPERATIONS, type Operation } from '../domain/environment.ts';
import { CREDENTIAL_NAMES, type CredentialKind, type Failure, type FailureReason } from '../domain/failure.ts';
import type { EnvironmentState } from '../state/environment-state.ts';
import { declaredNotSelfHostedFailure, isDeclaredNotSelfHosted } from '../state/self-hosted.ts';
import { PRESETS } from '../wire/presets.ts';
import { EXIT, type ExitCode } from './command.ts';

/** Besides them, `ok`, `archived` and `not_attempted`. */
const VERDICTS = {
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
} as const satisfies Record<FailureReason, string>;

/** The outcome of one operation of one environment: docs/reference.md#check---live. */
export interface LiveRow {
  /** Null for the list of environments. */
  readonly environment_id: string | null;
  readonly environment_name: string | null;
  readonly connection: string;
  readonly operation: ApiOperation;
  readonly credential: CredentialKind | null;
  readonly credential_source: string | null;
  readonly verdict: (typeof VERDICTS)[FailureReason] | 'ok' | 'archived' | 'not_attempted';
  readonly http_status: number | null;
  readonly request_id: string | null;
  readonly duration_seconds: number | null;
  readonly detail: string;
  readonly remedy: string | null;
}

/**
 * One row per connection that discovers, and one per environment and operation, of an app that has read everything once.
 *
 * @param origin of its configuration
 */
export function liveRows(app: App, origin: string): LiveRow[] {
  return [
    ...app.discovery.outcomes().map((outcome) => discoveryRow(app, outcome)),
    ...app.states.all().flatMap((state) => OPERATIONS.map((operation) => readRow(app, state, operation, origin))),
  ];
}

/**
 * The overall exit code: refused wins over failed. A row that was not attempted is no failure, unless all rows of an
 * environment are. An archived environment that nothing reads is none either.
 */
export function exitOfRows(rows: readonly LiveRow[]): ExitCode {
  const isGood = ({ verdict }: LiveRow) => verdict === 'ok' || verdict === 'archived';
  const key = ({ connection, environment_id: id }: LiveRow) => JSON.stringify([connection, id]);
  if (rows.some(({ verdict }) => verdict === 'refused')) return EXIT.refused;
  if (rows.some((row) => !isGood(row) && row.verdict !== 'not_attempted')) return EXIT.failed;
  const read = new Set(rows.filter(isGood).map(key));
  return rows.every((row) => read.has(key(row))) ? EXIT.ok : EXIT.failed;
}

/** What every row has, of which nothing may be known. */
const UNREAD = {
  credential: null,
  credential_source: null,
  http_status: null,
  request_id: null,
  duration_seconds: null,
} as const;

/** How a read ended: a failure says itself what it was and what to do. */
function ended(failure: Failure | null, detail: string, remedy: string | null) {
  if (failure === null) return { verdict: 'ok', http_status: 200, detail, remedy } as const;
  const { reason, httpStatus: http_status, requestId: request_id, message } = failure;
  return { verdict: VERDICTS[reason], http_status, request_id, detail: message, remedy: failure.remedy };
}

/** Where the key of this kind comes from that reads an environment, or lists them if `environmentId` is null. */
function sourceOf(app: App, kind: CredentialKind, connection: string, environmentId: string | null) {
  const name = kind === 'api_key' ? kind : (environmentId ?? 'api_key');
  return app.connections.get(connection)?.api.place.keys.get(name)?.source ?? null;
}

/** The row of a connection that lists its environments: what it found, and what of that is watched. */
function discoveryRow(app: App, { connection, failure, found, skipped }: DiscoveryOutcome): LiveRow {
  const { fleet } = app;
  const fruitless = isFruitless(connection, fleet);
  const dropped = fleet.droppedOf.get(connection) ?? 0;
  const parts = [
    [found, 'found'],
    [fleet.archivedOf.get(connection) ?? 0, 'archived and not watched'],
    [skipped, 'left out: unusable id'],
    [dropped, 'over the limit and not watched'],
  ] as const;
  const detail = parts.filter(([count], index) => index === 0 || count > 0).map(([count, what]) => `${count} ${what}`);
  const remedy =
    dropped > 0 ? 'Raise discovery.max_environments, or exclude some.' : skipped > 0 ? SKIPPED_REMEDY : null;
  const watchesNone = failure === null && (fruitless || (dropped > 0 && watchesNothing(connection, fleet)));
  return {
    ...UNREAD,
    environment_id: null,
    environment_name: null,
    connection,
    operation: 'environments',
    credential: 'api_key',
    credential_source: sourceOf(app, 'api_key', connection, null),
    ...ended(failure, detail.join(', '), fruitless ? FRUITLESS_REMEDY : remedy),
    ...(watchesNone && { verdict: 'not_found' }),
  };
}

/** The row of one operation of one environment. */
function readRow(app: App, state: EnvironmentState, operation: Operation, origin: string): LiveRow {
  const { id, name, connection } = state.environment;
  const { attempted, failure, credential, lastAttemptAt, lastDurationSeconds } = state.operations[operation];
  const which = { ...UNREAD, environment_id: id, environment_name: name, connection, operation };
  // Nobody is told to create a key for something without a queue.
  if (isDeclaredNotSelfHosted(state)) return { ...which, ...ended(declaredNotSelfHostedFailure(state), '', null) };
  if (!attempted || lastAttemptAt === null) return { ...which, ...untried(app, state, operation, origin) };
  return {
    ...which,
    credential,
    credential_source: credential === null ? null : sourceOf(app, credential, connection, id),
    duration_seconds: lastDurationSeconds,
    ...ended(failure, readSummary(state, operation), doubt(app, state, operation)),
  };
}

/** What to do although the read was good. */
function doubt(app: App, state: EnvironmentState, operation: Operation): string | null {
  const { id, connection } = state.environment;
  const { credential, failuresByReason } = state.operations[operation];
  if (failuresByReason.unauthorized + failuresByReason.forbidden > 0) {
    const other = credential === 'api_key' ? 'environment_key' : 'api_key';
    const refused = `${CREDENTIAL_NAMES[other]} from ${sourceOf(app, other, connection, id)}`;
    return `The API refuses the ${refused}, and another key is used instead: replace it, or take it out.`;
  }
  // Would look exactly the same: docs/design/README.md#freshness.
  const { configType, queue, operations } = state;
  if (configType !== null || operations.list.attempted || queue?.stats.workersPolling !== null) return null;
  return 'A cloud environment, which has no work queue, answers like this too: discovery.enabled or an environment key tells them apart.';
}

/** What a good read showed, so that a person can recognize the environment. */
function readSummary({ queue, items, archivedAt }: EnvironmentState, operation: Operation): string {
  const archived = archivedAt === null ? '' : 'archived; ';
  if (operation === 'stats') {
    if (queue === null) return archived;
    const { depth, pending, workersPolling } = queue.stats;
    return `${archived}depth ${depth}, pending ${pending}, workers polling ${workersPolling ?? 'unknown'}`;
  }
  const states = Map.groupBy(items?.live ?? [], ({ item }) => item.state);
  const counts = [...states].map(([state, { length }]) => `${length} ${state}`);
  return `${archived}${counts.join(', ') || 'nothing live'}`;
}

/** Why an operation was not tried: which key it lacks, and where that belongs. */
function untried({ connections }: App, state: EnvironmentState, operation: Operation, origin: string) {
  const { id, name, connection, source } = state.environment;
  const isFound = source === 'discovery';
  if (state.archivedAt !== null) {
    const remedy = isFound ? null : `Take ${id} out of the configuration: it gets no new work.`;
    return { verdict: 'archived', detail: 'the environment is archived', remedy } as const;
  }
  const { credentials, remedies } = PRESETS[connections.get(connection)!.config.provider];
  const wanted: readonly CredentialKind[] = credentials[operation];
  const detail = `no ${wanted.join(' or ').replaceAll('_', ' ')} is configured`;
  const hasFile = origin !== FROM_VARIABLES;
  const place = isFound
    ? `put it into a file named ${id} in discovery.environment_keys_dir`
    : `set ${hasFile ? `environment_key_file of ${id}` : 'ANTHROPIC_ENVIRONMENT_KEY'}`;
  const remedy = wanted.includes('environment_key')
    ? `Create an environment key of ${name} ${remedies.keysMade.environment_key}, then ${place}.`
    : `Set ${hasFile ? `api_key_file of connection ${connection}` : 'ANTHROPIC_API_KEY'}.`;
  return { verdict: 'not_attempted', detail, remedy } as const;
}
