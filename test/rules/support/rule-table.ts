import { RECORDED } from '../../../src/rules/parts/recorded.ts';
import { type AlertSeverity, isAlert, type Rule } from '../../../src/rules/parts/rule.ts';
import { type Line, STEP_MINUTES } from './lines.ts';
import type { ShortName } from './rule-case.ts';
import {
  bareConnection,
  bareEnvironment,
  type EnvironmentLines,
  JOB,
  type ProcessLines,
  type Series,
} from './series.ts';

/** Recorded series with labels beside those of an environment. */
const LABELLED = {
  warningLimit: [RECORDED.ageThreshold, { severity: 'warning' }],
  criticalLimit: [RECORDED.ageThreshold, { severity: 'critical' }],
  statsAgeOfA: [RECORDED.statsAge, { instance: 'a' }],
  statsAgeOfB: [RECORDED.statsAge, { instance: 'b' }],
  laggingA: [RECORDED.lagging, { instance: 'a' }],
  laggingB: [RECORDED.lagging, { instance: 'b' }],
  listReadAtA: [RECORDED.listReadAt, { instance: 'a' }],
  listReadAtB: [RECORDED.listReadAt, { instance: 'b' }],
  staleStartingA: [RECORDED.staleHeartbeats, { instance: 'a', state: 'starting' }],
  silentActiveA: [RECORDED.silentItems, { instance: 'a', state: 'active' }],
  silentActiveB: [RECORDED.silentItems, { instance: 'b', state: 'active' }],
  silentStartingA: [RECORDED.silentItems, { instance: 'a', state: 'starting' }],
  staleActiveA: [RECORDED.staleHeartbeats, { instance: 'a', state: 'active' }],
  staleActiveB: [RECORDED.staleHeartbeats, { instance: 'b', state: 'active' }],
  checksA: [RECORDED.healthChecks, { instance: 'a' }],
  checksB: [RECORDED.healthChecks, { instance: 'b' }],
  shortRunsA: [RECORDED.shortRuns, { instance: 'a' }],
  shortRunsB: [RECORDED.shortRuns, { instance: 'b' }],
  skewOfA: [RECORDED.clockSkew, { instance: 'a' }],
  skewOfB: [RECORDED.clockSkew, { instance: 'b' }],
  statsUnread: [RECORDED.readFailed, { operation: 'stats' }],
  listUnread: [RECORDED.readFailed, { operation: 'list' }],
  returnedNoWorkers: [RECORDED.pageReturned, { alertname: 'AnthropicWorkNoWorkers' }],
  returnedExporterAbsent: [RECORDED.pageReturned, { alertname: 'AnthropicWorkExporterAbsent' }],
  returnedNotVisible: [RECORDED.pageReturned, { alertname: 'AnthropicWorkEnvironmentNotVisible' }],
  returnedAuthFailing: [RECORDED.pageReturned, { alertname: 'AnthropicWorkApiAuthFailing' }],
  staleLimitCritical: [RECORDED.staleLimit, { severity: 'critical' }],
  staleLimitWarning: [RECORDED.staleLimit, { severity: 'warning' }],
  pagedKeys: [RECORDED.connectionPaged, { alertname: 'AnthropicWorkCredentialRejected' }],
  pagedUnreachable: [RECORDED.connectionPaged, { alertname: 'AnthropicWorkApiUnreachable' }],
  statsTwice401: [RECORDED.namedFailures, { operation: 'stats', reason: 'unauthorized' }],
  statsTwice403: [RECORDED.namedFailures, { operation: 'stats', reason: 'forbidden' }],
  listTwice401: [RECORDED.namedFailures, { operation: 'list', reason: 'unauthorized' }],
  statsTwice429: [RECORDED.namedFailures, { operation: 'stats', reason: 'rate_limited' }],
  listTwice429: [RECORDED.namedFailures, { operation: 'list', reason: 'rate_limited' }],
  statsTwiceTimeout: [RECORDED.otherFailures, { operation: 'stats', reason: 'timeout' }],
  statsTwice5xx: [RECORDED.otherFailures, { operation: 'stats', reason: 'server_error' }],
  listTwice404: [RECORDED.otherFailures, { operation: 'list', reason: 'not_found' }],
  failing404: [RECORDED.readsFailing, { operation: 'stats', reason: 'not_found' }],
  failingNotSelfHosted: [RECORDED.readsFailing, { operation: 'stats', reason: 'not_self_hosted' }],
  failing401: [RECORDED.readsFailing, { operation: 'stats', reason: 'unauthorized' }],
  failing403: [RECORDED.readsFailing, { operation: 'stats', reason: 'forbidden' }],
  failing429: [RECORDED.readsFailing, { operation: 'stats', reason: 'rate_limited' }],
  failingTimeout: [RECORDED.readsFailing, { operation: 'stats', reason: 'timeout' }],
  failing5xx: [RECORDED.readsFailing, { operation: 'stats', reason: 'server_error' }],
  failingNetwork: [RECORDED.readsFailing, { operation: 'stats', reason: 'network' }],
  failingBadResponse: [RECORDED.readsFailing, { operation: 'stats', reason: 'bad_response' }],
  failingClientError: [RECORDED.readsFailing, { operation: 'stats', reason: 'client_error' }],
  failingListTimeout: [RECORDED.readsFailing, { operation: 'list', reason: 'timeout' }],
  failingList404: [RECORDED.readsFailing, { operation: 'list', reason: 'not_found' }],
  failingListNotSelfHosted: [RECORDED.readsFailing, { operation: 'list', reason: 'not_self_hosted' }],
  failingList401: [RECORDED.readsFailing, { operation: 'list', reason: 'unauthorized' }],
  failingList403: [RECORDED.readsFailing, { operation: 'list', reason: 'forbidden' }],
  tooDeepCritical: [RECORDED.tooDeep, { severity: 'critical' }],
  tooDeepWarning: [RECORDED.tooDeep, { severity: 'warning' }],
  stuckStarting: [RECORDED.stuckStarting, { state: 'starting' }],
  stuckActive: [RECORDED.stuck, { state: 'active' }],
  stuckStopping: [RECORDED.stuck, { state: 'stopping' }],
} as const satisfies Readonly<Record<string, readonly [string, Readonly<Record<string, string>>]>>;

type RecordedKey = keyof typeof RECORDED | keyof typeof LABELLED;

/** What a rule reads of one environment: nothing is there but what is named. */
export interface Inputs {
  /** Metrics of the exporter, as the replica `a` shows them. */
  readonly raw?: EnvironmentLines;
  /** The same of a second replica. */
  readonly second?: EnvironmentLines;
  /** What the first one showed under the labels that its target had before. */
  readonly before?: EnvironmentLines;
  readonly recorded?: { readonly [K in RecordedKey]?: Line };
  /** What the exporter shows of the connection that only this environment is on. */
  readonly connection?: ProcessLines;
  /** Alerts that fire while the line is not null. */
  readonly alerts?: readonly (readonly [ShortName, AlertSeverity, Line, Readonly<Record<string, string>>?])[];
}

/** A recorded sample with labels beside those of its environment. */
type Sample = readonly [Readonly<Record<string, string>>, number];
/** A number that is recorded, null for none; or from which minute and before which one an alert fires. */
export type Outcome = number | null | { readonly samples: readonly Sample[] } | { readonly fires: readonly Span[] };
type Span = readonly [from: number, to: number];

/** What an environment has beside what all of the table have, and what becomes of it. */
export type Row = readonly [name: string, inputs: Inputs, outcome: Outcome];

/**
 * One rule by itself, over environments that differ in one respect from each other. All have the same name and their
 * own id, so that a careless join mixes them up.
 */
export interface RuleTable {
  /** As the mutation run prints it: a record, or an alert with its severity. */
  readonly rule: string;
  /** The minute at which a recorded series is looked at, or up to which an alert is watched, minute by minute. */
  readonly until: number;
  /** Minutes between samples and evaluations. */
  readonly every?: number;
  readonly given?: Inputs;
  /** What the rule is about; an environment with its connection has one of its own, which goes by the name of the row. */
  readonly about?: 'environment' | 'environment with its connection' | 'connection' | 'all environments';
  /** Labels of the outcome beside those of what the rule is about. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Series of exporters, not of environments. */
  readonly process?: readonly Series[];
  /** Null while no exporter watches; one always does, if absent. */
  readonly watched?: Line;
  readonly rows: readonly Row[];
}

/** The moments at which the rule of a table is evaluated. */
export function minutesOf({ until, every = STEP_MINUTES }: RuleTable): readonly number[] {
  return Array.from({ length: Math.floor(until / every) + 1 }, (_, index) => index * every);
}

export function seriesOf(table: RuleTable): readonly Series[] {
  const { given = {}, rows, process = [], watched = 1, about = 'environment' } = table;
  const connectionOf = (id: string) => (/connection/.test(about) ? id : null);
  return [
    ...process,
    { name: RECORDED.exporterWatches, labels: { job: JOB }, line: watched },
    ...rows.flatMap(([id, inputs]) => ofRow({ id, connection: connectionOf(id) }, merged(given, inputs))),
  ];
}

function merged(given: Inputs, own: Inputs): Inputs {
  return {
    raw: { ...given.raw, ...own.raw },
    second: { ...given.second, ...own.second },
    before: { ...given.before, ...own.before },
    recorded: { ...given.recorded, ...own.recorded },
    connection: { ...given.connection, ...own.connection },
    alerts: [...(given.alerts ?? []), ...(own.alerts ?? [])],
  };
}

interface Subject {
  readonly id: string;
  readonly connection: string | null;
}

function ofRow({ id, connection }: Subject, inputs: Inputs): Series[] {
  const { raw = {}, second = {}, before = {}, recorded = {}, alerts = [] } = inputs;
  const labels = { ...placeOf(id), ...(connection === null ? {} : { connection }) };
  const keys = Object.keys(recorded) as RecordedKey[];
  return [
    ...bareEnvironment(raw, { id }),
    ...bareEnvironment(second, { id, instance: 'b' }),
    ...bareEnvironment(before, { id }).map((one) => ({ ...one, labels: { ...one.labels, pod: 'before' } })),
    ...(connection === null ? [] : bareConnection(inputs.connection ?? {}, connection)),
    ...keys.map((key) => ({ ...placeOfRecord(key, labels), line: recorded[key]! })),
    ...alerts.map(([alert, severity, line, more]) => ({
      name: 'ALERTS',
      labels: { ...labels, alertname: `AnthropicWork${alert}`, severity, alertstate: 'firing', ...more },
      line,
    })),
  ];
}

function placeOfRecord(key: RecordedKey, place: Readonly<Record<string, string>>): Omit<Series, 'line'> {
  const [name, more] =
    key in LABELLED ? LABELLED[key as keyof typeof LABELLED] : [RECORDED[key as keyof typeof RECORDED]];
  const { job = '', connection = '' } = place;
  return { name, labels: { ...(name.startsWith('connection:') ? { job, connection } : place), ...more } };
}

function placeOf(id: string): Readonly<Record<string, string>> {
  return { job: JOB, environment_id: id, environment_name: 'x' };
}

/** The labels of what becomes of a row, as far as all samples have them. */
export function outcomeLabels({ about, labels }: RuleTable, id: string): Readonly<Record<string, string>> {
  if (about === 'all environments') return { job: JOB, ...labels };
  if (about === 'connection') return { job: JOB, connection: id, ...labels };
  return { ...placeOf(id), ...(about === undefined || about === 'environment' ? {} : { connection: id }), ...labels };
}

export function samplesOf(outcome: Outcome): readonly Sample[] {
  if (outcome === null) return [];
  if (typeof outcome === 'number') return [[{}, outcome]];
  return 'samples' in outcome ? outcome.samples : [];
}

export function spansOf(outcome: Outcome): readonly Span[] {
  return outcome !== null && typeof outcome === 'object' && 'fires' in outcome ? outcome.fires : [];
}

export function isFiringAt([, , outcome]: Row, minute: number): boolean {
  return spansOf(outcome).some(([from, to]) => minute >= from && minute < to);
}

/** How a rule is called in tables and by the mutation run: a record, or an alert with what tells its variants apart. */
export function ruleLabel(rule: Rule): string {
  if (!isAlert(rule)) return rule.record;
  return [rule.alert, ...Object.values(rule.labels).filter((value) => !value.startsWith('anthropic'))].join(' ');
}
