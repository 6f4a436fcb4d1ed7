import type { App } from '../app/app.ts';
import { FRUITLESS_REMEDY, isFruitless, watchesNothing } from '../app/reports.ts';
import { counted } from '../base/text.ts';
import type { Config } from '../config/config.ts';
import { FROM_VARIABLES } from '../config/environment.ts';
import { type DiscoveryOutcome, SKIPPED_REMEDY } from '../discovery/discovery.ts';
import { type ApiOperation, OPERATIONS, type Operation } from '../domain/environment.ts';
import { CREDENTIAL_NAMES, type CredentialKind, type Failure, type FailureReason } from '../domain/failure.ts';
import { isRunning } from '../domain/work.ts';
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

/** An app that has read everything once, and the configuration that it was started with. */
interface Checked {
  readonly app: App;
  readonly config: Config;
}

/** One row per connection that discovers, and one per environment and operation. */
export function liveRows(checked: Checked): LiveRow[] {
  const { app } = checked;
  const discoveries = app.discovery.outcomes().map((discovery) => discoveryRow(checked, discovery));
  const listing = new Set(discoveries.flatMap(({ verdict, connection }) => (verdict === 'ok' ? connection : [])));
  const reads = app.states.all().flatMap((state) => OPERATIONS.map((name) => readRow(checked, state, name)));
  return [...discoveries, ...reads.map((row) => withoutBlame(row, listing))];
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

/**
 * A 401 for an API key with which the environments were listed is not the key's fault: the key is valid. `listing` has
 * the connections whose environments were listed.
 */
function withoutBlame(row: LiveRow, listing: ReadonlySet<string>): LiveRow {
  const { verdict, credential, connection, http_status: status, operation, credential_source: source } = row;
  if (verdict !== 'refused' || status !== 401 || credential !== 'api_key' || !listing.has(connection)) return row;
  const remedy = `The API accepts the API key from ${source} for the list of environments, but not for this read (${operation}): check that provider and base_url fit together, and what this key may read.`;
  return { ...row, remedy };
}

/** The members of a row that say how its read ended; `failure` is null for a success. */
function outcome(failure: Failure | null) {
  if (failure === null) return { verdict: 'ok' as const, http_status: 200, request_id: null, remedy: null };
  const { reason, httpStatus, requestId, remedy } = failure;
  return { verdict: VERDICTS[reason], http_status: httpStatus, request_id: requestId, remedy };
}

/** The members of a row that name the key which was used, or null, and where it comes from. */
function credentialOf(
  { app, config }: Checked,
  kind: CredentialKind | null,
  { connection, environmentId }: { readonly connection: string; readonly environmentId: string | null },
) {
  const apiKey = config.connections.find(({ name }) => name === connection)?.apiKey ?? null;
  const ofEnvironment = environmentId === null ? null : app.connections.environmentKey(environmentId);
  const secret = kind === 'api_key' ? apiKey : ofEnvironment;
  return { credential: kind, credential_source: kind === null ? null : (secret?.source ?? null) };
}

/** The row of a connection that lists its environments: what it found, and what of that is watched. */
function discoveryRow(checked: Checked, { connection, failure, found, skipped }: DiscoveryOutcome): LiveRow {
  const { fleet } = checked.app;
  const row = {
    environment_id: null,
    environment_name: null,
    connection,
    operation: 'environments' as const,
    ...credentialOf(checked, 'api_key', { connection, environmentId: null }),
    ...outcome(failure),
    duration_seconds: null,
  };
  if (failure !== null) return { ...row, detail: failure.message };
  const dropped = fleet.droppedOf.get(connection) ?? 0;
  const archived = fleet.archivedOf.get(connection) ?? 0;
  const isIdle = watchesNothing(connection, fleet);
  const fruitless = isFruitless(connection, fleet);
  const parts = [
    `${counted(found)}, archived and cloud ones included`,
    archived > 0 ? `${counted(archived, ['is', 'are'])} archived and not watched` : '',
    skipped > 0 ? `${counted(skipped, ['is left out: its id is', 'are left out: their ids are'])} unusable` : '',
    fruitless ? 'none to watch' : '',
    !fruitless && dropped > 0 ? `${counted(dropped, ['is', 'are'])} over the limit and not watched` : '',
    !fruitless && dropped === 0 && isIdle ? 'all are watched through another connection' : '',
  ];
  const detail = parts.filter((part) => part !== '').join('; ');
  if (fruitless) return { ...row, verdict: 'not_found', detail, remedy: FRUITLESS_REMEDY };
  if (dropped === 0) return { ...row, detail, remedy: skipped > 0 ? SKIPPED_REMEDY : null };
  const remedy = 'Raise discovery.max_environments, or exclude some.';
  return { ...row, verdict: isIdle ? 'not_found' : 'ok', detail, remedy };
}

/** The row of one operation of one environment. */
function readRow(checked: Checked, state: EnvironmentState, name: Operation): LiveRow {
  const { environment, queue, configType = null } = state;
  const { connection, id: environmentId } = environment;
  const which = { environment_id: environmentId, environment_name: environment.name, connection, operation: name };
  const operation = state.operations[name];
  const { failure } = operation;
  if (!operation.attempted || operation.lastAttemptAt === null) return { ...which, ...untried(checked, state, name) };
  const row = {
    ...which,
    ...credentialOf(checked, operation.credential, { connection, environmentId }),
    ...outcome(failure),
    duration_seconds: operation.lastDurationSeconds,
  };
  if (failure !== null) return { ...row, detail: failure.message };
  const detail = `${(state.archivedAt ?? null) === null ? '' : 'archived; '}${readSummary(state, name)}`;
  if (operation.failuresByReason.unauthorized + operation.failuresByReason.forbidden > 0) {
    const kind = operation.credential === 'api_key' ? 'environment_key' : 'api_key';
    const { credential_source: source } = credentialOf(checked, kind, { connection, environmentId });
    const remedy = `The API refuses the ${CREDENTIAL_NAMES[kind]} from ${source}, and another key is used instead: replace it, or take it out.`;
    return { ...row, detail, remedy };
  }
  // Would look exactly the same: docs/design/work-api.md#environments-that-are-not-self-hosted.
  const mayBeCloud = configType === null && !state.operations.list.attempted && queue?.stats.workersPolling === null;
  return { ...row, detail, remedy: mayBeCloud ? MAY_BE_CLOUD : null };
}

const MAY_BE_CLOUD =
  'A cloud environment, which has no work queue, answers like this too: discovery.enabled or an environment key tells them apart.';

/** What a good read showed, so that a person can recognize the environment. */
function readSummary({ queue, items }: EnvironmentState, operation: Operation): string {
  if (operation === 'list') {
    if (items === null) return '';
    const states = items.live.map(({ item }) => item.state);
    const queued = states.filter((state) => state === 'queued').length;
    const running = states.filter(isRunning).length;
    const others = states.length - queued - running;
    return `${queued} queued, ${running} running${others === 0 ? '' : `, ${others} in an unknown state`}`;
  }
  if (queue === null) return '';
  const { depth, pending, workersPolling } = queue.stats;
  return `depth ${depth}, pending ${pending}, workers polling ${workersPolling ?? 'unknown'}`;
}

const UNTRIED = {
  credential: null,
  credential_source: null,
  http_status: null,
  request_id: null,
  duration_seconds: null,
} as const;

/** The rest of the row of an operation that was not tried: which key it lacks, and where that belongs. */
function untried({ config }: Checked, state: EnvironmentState, operation: Operation) {
  const { id, name, connection, source } = state.environment;
  // Do not tell anybody to create a key for something without a queue.
  if (isDeclaredNotSelfHosted(state)) {
    const { message, remedy } = declaredNotSelfHostedFailure(state);
    return { ...UNTRIED, verdict: 'not_self_hosted' as const, detail: message, remedy };
  }
  if ((state.archivedAt ?? null) !== null) {
    const remedy = source === 'discovery' ? null : `Take ${id} out of the configuration: it gets no new work.`;
    return { ...UNTRIED, verdict: 'archived' as const, detail: 'the environment is archived', remedy };
  }
  const preset = PRESETS[config.connections.find((one) => one.name === connection)!.provider];
  const hasFile = config.origin !== FROM_VARIABLES;
  const wanted: readonly CredentialKind[] = preset.credentials[operation];
  const made = preset.keysFromConsole
    ? `Console → Environments → ${name} → Environment keys → Create`
    : `Create an environment key of ${name} where the service makes keys`;
  const places = {
    discovery: hasFile
      ? `put it into a file named ${id} in discovery.environment_keys_dir`
      : `save it as ${id} in a directory that a configuration file names as discovery.environment_keys_dir`,
    config: hasFile
      ? `set environment_key_file of ${id}`
      : 'set ANTHROPIC_ENVIRONMENT_KEY (for several ids: as many keys, in the same order)',
  };
  const remedy = wanted.includes('environment_key')
    ? `${made}, then ${places[source === 'discovery' ? 'discovery' : 'config']}.`
    : `Set ${hasFile ? `api_key_file of connection ${connection}` : 'ANTHROPIC_API_KEY'}.`;
  const detail = `no ${wanted.join(' or ').replaceAll('_', ' ')} is configured`;
  return { ...UNTRIED, verdict: 'not_attempted' as const, detail, remedy };
}
