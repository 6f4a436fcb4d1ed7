import type { Condition } from '../../../conditions/condition.ts';
import type { EnvironmentState } from '../../../state/environment-state.ts';
import { type EnvironmentJson, environmentJson, type Moment } from '../../api/environment-json.ts';
import { type VisibleState, visibleState } from '../../api/visible-state.ts';
import { environmentNotices, type Notice } from './environment-notices.ts';
import { compareLevels, type Level } from './level.ts';
import { failureWords } from './read-words.ts';

/** An environment as the status page shows it. */
export interface EnvironmentView {
  readonly json: EnvironmentJson;
  /** What the alerts say about it, the most severe first. */
  readonly conditions: readonly Condition[];
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

/** What the alerts say about an environment, and whether they are evaluated: otherwise nothing counts as fine. */
export interface AlertFacts {
  readonly conditions?: readonly Condition[];
  readonly evaluated?: boolean;
}

export function environmentView(
  state: EnvironmentState,
  moment: Moment,
  { conditions = [], evaluated = true }: AlertFacts = {},
): EnvironmentView {
  const json = environmentJson(state, moment, { conditions });
  const visible = visibleState(state, moment.now);
  const { stats, list } = state.operations;
  const notices = environmentNotices(state, { json, visible, now: moment.now });
  return {
    json,
    conditions,
    notices,
    level: levelOf({ json, conditions, notices }, evaluated),
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
  evaluated: boolean,
): Level {
  const firing = conditions.filter(({ phase }) => phase !== 'pending');
  if (firing.some(({ severity }) => severity === 'critical')) return 'critical';
  if (json.status === 'blind' || json.status === 'misconfigured') return 'unreadable';
  if (firing.some(({ severity }) => severity === 'warning')) return 'warning';
  if (conditions.some(({ severity }) => severity === 'critical' || severity === 'warning')) return 'pending';
  if (json.status === 'starting') return 'starting';
  if (notices.length > 0 || json.conditions.some(({ state }) => state === 'exceeded')) return 'notice';
  return evaluated ? 'ok' : 'unjudged';
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
