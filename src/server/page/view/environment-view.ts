import { type ConditionName, ENVIRONMENT_CONDITIONS } from '../../../diagnosis/conditions.ts';
import { type Condition, type DiagnosisReport, gravestFirst, isCurrent } from '../../../diagnosis/report.ts';
import type { EnvironmentState } from '../../../state/environment-state.ts';
import { type EnvironmentJson, environmentJson, type Moment } from '../../api/environment-json.ts';
import { type VisibleState, visibleState } from '../../api/visible-state.ts';
import { environmentNotices, type Notice } from './environment-notices.ts';
import { compareLevels, type Level } from './level.ts';
import { failureWords } from './read-words.ts';
import { isFiring } from './trouble.ts';

/** An environment as the status page shows it. */
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
  /** Why its queue is unknown, in a few words; null if it is known. */
  readonly unreadableText: string | null;
  /** The same without the key that was used, to group environments by; null if the queue is known. */
  readonly unreadableReason: string | null;
  /** The oldest item's wait, as a multiple of its stricter limit. */
  readonly overLimit: number;
  /** When its queue was last read, or its items if no key can read the queue. */
  readonly lastReadAt: number | null;
  /** Items are read, but the sessions of long runs are not, although that is not switched off. */
  readonly sessionsMissing: boolean;
}

export function environmentView(state: EnvironmentState, moment: Moment, report: DiagnosisReport): EnvironmentView {
  const { id, connection } = state.environment;
  const json = environmentJson(state, moment, { report });
  const visible = visibleState(state, moment.now);
  const { stats, list } = state.operations;
  const notices = environmentNotices(state, { json, visible, now: moment.now });
  const all = report.environments.get(id) ?? [];
  const conditions = gravestFirst(all);
  const ofConnection = gravestFirst(report.connections.get(connection) ?? []).filter(({ environments }) =>
    environments.includes(id),
  );
  const isPageKnown = all.every(({ severity, value }) => severity !== 'critical' || value !== null);
  const isJudged = isCurrent(report, moment.now) && all.length > 0 && isPageKnown;
  return {
    json,
    conditions,
    ofConnection,
    unknown: ENVIRONMENT_CONDITIONS.filter(
      (name) => !all.some((one) => one.name === name && (one.value !== null || one.phase !== 'clear')),
    ),
    notices,
    level: levelOf({ json, conditions: [...conditions, ...ofConnection], notices }, isJudged),
    unreadableText: unreadableWords(json, state),
    unreadableReason: unreadableWords(json, state, { hidesKey: true }),
    overLimit: overLimit(state, visible, json),
    lastReadAt: stats.attempted ? stats.lastSuccessAt : list.lastSuccessAt,
    sessionsMissing: list.attempted && state.environment.sessions.enabled && noKeyOpensSessions(state.sessions),
  };
}

/** The most severe first; within a level, the one furthest over its limit. */
export function worseFirst(one: EnvironmentView, other: EnvironmentView): number {
  return compareLevels(one.level, other.level) || other.overLimit - one.overLimit || waitingOf(other) - waitingOf(one);
}

function waitingOf({ json: { queue } }: EnvironmentView): number {
  return queue === null ? 0 : queue.depth + queue.pending;
}

function levelOf(
  { json, conditions, notices }: Pick<EnvironmentView, 'json' | 'conditions' | 'notices'>,
  isJudged: boolean,
): Level {
  const firing = conditions.filter(isFiring);
  if (firing.some(({ severity }) => severity === 'critical')) return 'critical';
  if (json.status === 'blind' || json.status === 'misconfigured') return 'unreadable';
  if (firing.length > 0) return 'warning';
  if (conditions.some(({ phase }) => phase === 'pending')) return 'pending';
  if (json.status === 'starting') return 'starting';
  if (notices.length > 0 || conditions.length > 0) return 'notice';
  return isJudged ? 'ok' : 'unjudged';
}

function unreadableWords(
  { status }: EnvironmentJson,
  { operations }: EnvironmentState,
  { hidesKey = false } = {},
): string | null {
  if (status !== 'blind' && status !== 'misconfigured') return null;
  const failing = [operations.stats, operations.list].find(({ attempted, failure }) => attempted && failure !== null);
  if (failing?.failure != null) {
    const { reason, httpStatus } = failing.failure;
    return failureWords(reason, hidesKey ? null : failing.credential, httpStatus);
  }
  return operations.stats.attempted || operations.list.attempted ? 'the last answer is too old' : 'no key';
}

function overLimit({ environment }: EnvironmentState, { queue }: VisibleState, json: EnvironmentJson): number {
  const { warning, critical } = environment.thresholds.queueAgeSeconds;
  const age = queue === null ? 0 : json.queue?.oldest_age_seconds;
  return typeof age === 'number' ? age / Math.min(warning, critical) : 0;
}

function noKeyOpensSessions(sessions: EnvironmentState['sessions']): boolean {
  if (sessions === undefined) return false;
  return !sessions.attempted || ['unauthorized', 'forbidden'].includes(sessions.failure?.reason ?? '');
}
