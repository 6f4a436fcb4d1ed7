import { type ConditionName, ENVIRONMENT_CONDITIONS } from '../diagnosis/conditions.ts';
import { type Condition, gravestFirst, isCurrent } from '../diagnosis/report.ts';
import { OPERATIONS, type Operation } from '../domain/environment.ts';
import { type FailureReason, RATE_LIMITED_REMEDY } from '../domain/failure.ts';
import type { EnvironmentState } from '../state/environment-state.ts';
import { type EnvironmentJson, environmentJson, type JsonContext, withoutPaths } from './environment-json.ts';
import { durationText, failureWords, LEVEL_NAMES, type Level } from './words.ts';

/** Something that a person should know and that is not an alert. */
export interface Notice {
  readonly text: string;
  readonly remedy: string | null;
}

/** An environment as the pages show it. */
export interface EnvironmentView {
  readonly json: EnvironmentJson;
  /** What is wrong with it, the gravest first. */
  readonly conditions: readonly Condition[];
  /** What is wrong with its connection and concerns it. */
  readonly ofConnection: readonly Condition[];
  /** The conditions that nobody can tell yet, or that an option switches off. */
  readonly unknown: readonly ConditionName[];
  readonly notices: readonly Notice[];
  readonly level: Level;
  /** When its queue was last read, or its items if no key can read the queue. */
  readonly lastReadAt: number | null;
  /** The oldest item's wait, as a multiple of its stricter limit. */
  readonly overLimit: number;
  /** Items are read, but the sessions of long runs are not, although that is not switched off. */
  readonly sessionsMissing: boolean;
}

export function environmentView(state: EnvironmentState, context: Required<JsonContext>): EnvironmentView {
  const { report, now } = context;
  const { environment, operations, sessions } = state;
  const json = environmentJson(state, context);
  const all = report.environments.get(environment.id) ?? [];
  const conditions = gravestFirst(all);
  const ofConnection = gravestFirst(report.connections.get(environment.connection) ?? []).filter((condition) =>
    condition.environments.includes(environment.id),
  );
  const notices = noticesOf(state, json, now);
  const isPageKnown = all.length > 0 && all.every(({ severity, value }) => severity !== 'critical' || value !== null);
  const { warning, critical } = environment.thresholds.queueAgeSeconds;
  const age = json.queue?.oldest_age_seconds;
  const isKeyMissing = sessions?.attempted === false || isRefused(sessions?.failure?.reason);
  return {
    json,
    conditions,
    ofConnection,
    unknown: ENVIRONMENT_CONDITIONS.filter(
      (name) => !all.some((one) => one.name === name && (one.value !== null || one.phase !== 'clear')),
    ),
    notices,
    level: levelOf(json, [...conditions, ...ofConnection], notices, isCurrent(report, now) && isPageKnown),
    lastReadAt: (operations.stats.attempted ? operations.stats : operations.list).lastSuccessAt,
    overLimit: typeof age === 'number' ? age / Math.min(warning, critical) : 0,
    sessionsMissing: operations.list.attempted && environment.sessions.enabled && isKeyMissing,
  };
}

/** The most severe first; within a level, the one furthest over its limit. */
export function worseFirst(one: EnvironmentView, other: EnvironmentView): number {
  const byLevel = LEVEL_NAMES.indexOf(one.level) - LEVEL_NAMES.indexOf(other.level);
  return byLevel || other.overLimit - one.overLimit || (other.json.queue?.depth ?? 0) - (one.json.queue?.depth ?? 0);
}

/** Whether its alert fires: on /metrics it is 1. */
export function isFiring({ phase }: Pick<Condition, 'phase'>): boolean {
  return phase === 'holds' || phase === 'ending';
}

/** What is explained asks for nothing by itself. */
export function levelOfCondition(condition: Pick<Condition, 'phase' | 'severity'>): Level {
  if (isFiring(condition)) return condition.severity;
  return condition.phase === 'pending' ? 'pending' : 'notice';
}

function levelOf(
  { status }: EnvironmentJson,
  conditions: readonly Condition[],
  notices: readonly Notice[],
  isJudged: boolean,
): Level {
  const levels = conditions.map(levelOfCondition);
  if (levels.includes('critical')) return 'critical';
  if (status === 'blind' || status === 'misconfigured') return 'unreadable';
  if (levels.includes('warning')) return 'warning';
  if (levels.includes('pending')) return 'pending';
  if (status === 'starting') return 'starting';
  if (notices.length > 0 || conditions.length > 0) return 'notice';
  return isJudged ? 'ok' : 'unjudged';
}

/** Why numbers of an environment are unknown or incomplete. */
function noticesOf(state: EnvironmentState, json: EnvironmentJson, now: number): readonly Notice[] {
  const { environment, operations, pausedUntil } = state;
  const { id, connection, source } = environment;
  const attempted = OPERATIONS.filter((name) => operations[name].attempted);
  const notices: Notice[] = [];
  if (attempted.length === 0) {
    const remedy =
      source === 'discovery'
        ? `Put its environment key into a file named ${id} in discovery.environment_keys_dir, or leave it out with discovery.exclude.`
        : `Set environment_key_file of ${id}, or api_key_file of connection ${connection}.`;
    notices.push({ text: 'no key: nothing is read of this environment', remedy });
  } else if (pausedUntil != null) {
    const left = durationText(Math.ceil(Math.max(1000, pausedUntil - now) / 1000));
    const text = `nothing is read for another ${left}: the API answered 429 to its connection`;
    notices.push({ text, remedy: RATE_LIMITED_REMEDY });
  }
  notices.push(...failingReads(state, attempted));
  if (json.queue !== null && json.queue.oldest_age_seconds === null) {
    const waiting = json.queue.depth + json.queue.pending;
    notices.push({
      text: `${waiting === 1 ? '1 item waits' : `${waiting} items wait`}, and the API does not say since when: no alert on the age of the queue can fire`,
      remedy: 'Compare oldest_queued_at of work/stats with the clock; update the exporter if the field has changed.',
    });
  }
  if (json.items?.truncated === true) {
    notices.push({
      text: 'the item list was not read to its end: numbers from it are too low',
      remedy: 'Raise poll.max_list_pages, or have old items of the environment cleared; the log says more.',
    });
  }
  if (notices.length === 0 && (json.status === 'blind' || json.status === 'degraded')) {
    notices.push({ text: 'the last answer is too old to be shown', remedy: null });
  }
  return notices;
}

/** One notice for both reads where they fail alike. A pause tells by itself that reads were answered with 429. */
function failingReads(
  { operations, pausedUntil }: EnvironmentState,
  attempted: readonly Operation[],
): readonly Notice[] {
  const notices = new Map<string, { what: string; remedy: string }>();
  for (const name of attempted) {
    const { failure, credential } = operations[name];
    if (failure === null || (pausedUntil != null && failure.reason === 'rate_limited')) continue;
    const what = name === 'stats' ? 'the queue' : 'the item list';
    const why = failureWords(failure.reason, credential, failure.httpStatus);
    const before = notices.get(why);
    const both = before === undefined ? what : `${before.what} and ${what}`;
    notices.set(why, { what: both, remedy: withoutPaths(failure.remedy) });
  }
  return [...notices].map(([why, { what, remedy }]) => ({ text: `reads of ${what} fail: ${why}`, remedy }));
}

function isRefused(reason: FailureReason | undefined): boolean {
  return reason === 'unauthorized' || reason === 'forbidden';
}
