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
  return [
    ...discoveries,
    ...app.states.all().flatMap((state) => OPERATIONS.map((name) => readRow(checked, state, name))),
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

/** The members of a row that say how its read ended; `failure` is null for a success. */
function outcome(failure: Failure | null) {
  if (failure === null) return { verdict: 'ok' as const, http_status: 200, request_id: null, remedy: null };
  const { reason, httpStatus, requestId, remedy } = failure;
  return { verdict: VERDICTS[reason], http_status: httpStatus, request_id: requestId, remedy };
}

/** Where the key of this kind comes from that reads an environment, or lists them if `environmentId` is null. */
function sourceOf({ app, config }: Checked, kind: CredentialKind, connection: string, environmentId: string | null) {
  const apiKey = config.connections.find(({ name }) => name === connection)?.apiKey;
  const key = kind === 'api_key' || environmentId === null ? apiKey : app.connections.environmentKey(environmentId);
  return key?.source ?? null;
}

/** The row of a connection that lists its environments: what it found, and what of that is watched. */
function discoveryRow(checked: Checked, { connection, failure, found, skipped }: DiscoveryOutcome): LiveRow {
  const { fleet } = checked.app;
  const row = {
    environment_id: null,
    environment_name: null,
    connection,
    operation: 'environments' as const,
    credential: 'api_key' as const,
    credential_source: sourceOf(checked, 'api_key', connection, null),
    ...outcome(failure),
    duration_seconds: null,
  };
  if (failure !== null) return { ...row, detail: failure.message };
  const dropped = fleet.droppedOf.get(connection) ?? 0;
  const archived = fleet.archivedOf.get(connection) ?? 0;
  const isIdle = watchesNothing(connection, fleet);
  const fruitless = isFruitless(connection, fleet);
  const [none, some] = [{ verdict: 'not_found' as const }, { verdict: 'ok' as const }];
  const [what, remedy]: readonly [what: string, remedy: string | null] = fruitless
    ? ['none to watch', FRUITLESS_REMEDY]
    : dropped > 0
      ? [
          `${counted(dropped, ['is', 'are'])} over the limit and not watched`,
          'Raise discovery.max_environments, or exclude some.',
        ]
      : [isIdle ? 'all are watched through another connection' : '', skipped > 0 ? SKIPPED_REMEDY : null];
  const parts = [
    `${counted(found)}, archived and cloud ones included`,
    archived > 0 ? `${counted(archived, ['is', 'are'])} archived and not watched` : '',
    skipped > 0 ? `${counted(skipped, ['is left out: its id is', 'are left out: their ids are'])} unusable` : '',
    what,
  ];
  const isGood = !fruitless && !(dropped > 0 && isIdle);
  return { ...row, ...(isGood ? some : none), detail: parts.filter((part) => part !== '').join('; '), remedy };
}

/** The row of one operation of one environment. */
function readRow(checked: Checked, state: EnvironmentState, name: Operation): LiveRow {
  const { environment, queue, configType = null, archivedAt = null } = state;
  const { connection, id } = environment;
  const { attempted, failure, credential, lastAttemptAt, ...operation } = state.operations[name];
  const which = { environment_id: id, environment_name: environment.name, connection, operation: name };
  if (!attempted || lastAttemptAt === null) return { ...which, ...UNTRIED, ...untried(checked, state, name) };
  const row = {
    ...which,
    credential,
    credential_source: credential === null ? null : sourceOf(checked, credential, connection, id),
    ...outcome(failure),
    duration_seconds: operation.lastDurationSeconds,
  };
  if (failure !== null) return { ...row, detail: failure.message };
  const detail = `${archivedAt === null ? '' : 'archived; '}${readSummary(state, name)}`;
  const other = credential === 'api_key' ? 'environment_key' : 'api_key';
  const isRefused = operation.failuresByReason.unauthorized + operation.failuresByReason.forbidden > 0;
  const refused = `The API refuses the ${CREDENTIAL_NAMES[other]} from ${sourceOf(checked, other, connection, id)}, and another key is used instead: replace it, or take it out.`;
  // Would look exactly the same: docs/design/README.md#freshness.
  const mayBeCloud = configType === null && !state.operations.list.attempted && queue?.stats.workersPolling === null;
  return { ...row, detail, remedy: isRefused ? refused : mayBeCloud ? MAY_BE_CLOUD : null };
}

const MAY_BE_CLOUD =
  'A cloud environment, which has no work queue, answers like this too: discovery.enabled or an environment key tells them apart.';

/** What a good read showed, so that a person can recognize the environment. */
function readSummary({ queue, items }: EnvironmentState, operation: Operation): string {
  if (operation === 'stats') {
    if (queue === null) return '';
    const { depth, pending, workersPolling } = queue.stats;
    return `depth ${depth}, pending ${pending}, workers polling ${workersPolling ?? 'unknown'}`;
  }
  if (items === null) return '';
  const queued = items.live.filter(({ item }) => item.state === 'queued').length;
  const running = items.live.filter(({ item }) => isRunning(item.state)).length;
  const others = items.live.length - queued - running;
  return `${queued} queued, ${running} running${others === 0 ? '' : `, ${others} in an unknown state`}`;
}

const UNTRIED = {
  credential: null,
  credential_source: null,
  http_status: null,
  request_id: null,
  duration_seconds: null,
} as const;

/** Why an operation was not tried: which key it lacks, and where that belongs. */
function untried(
  { config }: Checked,
  state: EnvironmentState,
  operation: Operation,
): Pick<LiveRow, 'verdict' | 'detail' | 'remedy'> {
  const { id, name, connection, source } = state.environment;
  const isFound = source === 'discovery';
  // Do not tell anybody to create a key for something without a queue.
  if (isDeclaredNotSelfHosted(state)) {
    const { message, remedy } = declaredNotSelfHostedFailure(state);
    return { verdict: 'not_self_hosted', detail: message, remedy };
  }
  if ((state.archivedAt ?? null) !== null) {
    const remedy = isFound ? null : `Take ${id} out of the configuration: it gets no new work.`;
    return { verdict: 'archived', detail: 'the environment is archived', remedy };
  }
  const { credentials, remedies } = PRESETS[config.connections.find((one) => one.name === connection)!.provider];
  const wanted: readonly CredentialKind[] = credentials[operation];
  const hasFile = config.origin !== FROM_VARIABLES;
  const made = `Create an environment key of ${name} ${remedies.keysMade.environment_key}`;
  const place = isFound
    ? `put it into a file named ${id} in discovery.environment_keys_dir`
    : hasFile
      ? `set environment_key_file of ${id}`
      : 'set ANTHROPIC_ENVIRONMENT_KEY (for several ids: as many keys, in the same order)';
  const remedy = wanted.includes('environment_key')
    ? `${made}, then ${place}.`
    : `Set ${hasFile ? `api_key_file of connection ${connection}` : 'ANTHROPIC_API_KEY'}.`;
  const detail = `no ${wanted.join(' or ').replaceAll('_', ' ')} is configured`;
  return { verdict: 'not_attempted', detail, remedy };
}
