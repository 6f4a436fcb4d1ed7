import { CHAIN_BROKEN_REMEDY } from '../../domain/chain-broken.ts';
import type { EnvironmentState } from '../../state/environment-state.ts';
import type { Condition } from '../api/condition.ts';
import { conditionsOf } from '../api/conditions.ts';
import { type EnvironmentJson, environmentJson, type Moment } from '../api/environment-json.ts';
import { UNSERVED_ALERT } from '../api/unserved.ts';
import { type VisibleState, visibleState } from '../api/visible-state.ts';
import type { AttentionIssue } from './attention-issue.ts';
import { connectionIssues } from './connection-issues.ts';
import { durationText } from './human-text.ts';

/** An environment as the status page shows it. */
export interface EnvironmentView {
  readonly json: EnvironmentJson;
  readonly issues: readonly AttentionIssue[];
  /** 0 needs attention now, 1 soon, 2 nobody knows yet, 3 fine. */
  readonly rank: number;
  /** Since the last read that succeeded, of the queue or, without a credential for that, of the items. */
  readonly lastReadSeconds: number | null;
  /** Items are read, and the sessions of long runs are not, although that is not switched off. */
  readonly sessionsMissing: boolean;
}

export function environmentView(state: EnvironmentState, moment: Moment): EnvironmentView {
  const json = environmentJson(state, moment);
  const visible = visibleState(state, moment.now);
  const apiNow = moment.now + moment.skewMs;
  const conditions = conditionsOf({ environment: state.environment, visible, apiNow });
  const told = conditions.filter((condition, index) => index === 0 || !isConsequence(condition, conditions[0]!));
  const issues = [
    ...readIssues(json, visible, connectionIssues(state)),
    ...told.map((one) => conditionIssue(one, json)),
  ];
  issues.sort((a, b) => Number(b.severity === 'critical') - Number(a.severity === 'critical'));
  const { stats, list } = state.operations;
  const lastRead = stats.attempted ? stats.lastSuccessAt : list.lastSuccessAt;
  const lastReadSeconds = lastRead === null ? null : Math.max(0, Math.round((moment.now - lastRead) / 1000));
  const sessionsMissing = list.attempted && state.environment.sessions.enabled && noKeyOpensSessions(state.sessions);
  return { json, issues, rank: rankOf(json, issues), lastReadSeconds, sessionsMissing };
}

function noKeyOpensSessions(sessions: EnvironmentState['sessions']): boolean {
  if (sessions === undefined) return false;
  return !sessions.attempted || ['unauthorized', 'forbidden'].includes(sessions.failure?.reason ?? '');
}

/** One sentence about all of them: the first thing read at three in the morning. */
export function summaryOf(views: readonly EnvironmentView[]): string {
  if (views.length === 0) return 'No environment is watched yet.';
  const needy = views.filter((view) => view.rank < 2);
  if (needy.length > 0) {
    const verb = needy.length === 1 ? 'needs' : 'need';
    const first = needy.reduce((worst, view) => (view.rank < worst.rank ? view : worst));
    const reason = first.issues[0]?.text ?? first.json.status;
    return `${needy.length} of ${counted(views.length)} ${verb} attention: ${first.json.name} — ${reason}`;
  }
  const starting = views.filter((view) => view.rank === 2).length;
  if (starting > 0) return `${starting} of ${counted(views.length)} not read yet, the others are fine.`;
  return views.length === 1 ? 'The environment is fine.' : `All ${counted(views.length)} are fine.`;
}

function counted(count: number): string {
  return count === 1 ? '1 environment' : `${count} environments`;
}

function rankOf({ status }: EnvironmentJson, issues: readonly AttentionIssue[]): number {
  if (issues.some((issue) => issue.severity === 'critical')) return 0;
  if (issues.length > 0) return 1;
  return status === 'starting' ? 2 : 3;
}

function readIssues(
  { status, operations, queue, items }: EnvironmentJson,
  visible: VisibleState,
  known: readonly AttentionIssue[],
): AttentionIssue[] {
  const severity = status === 'blind' || status === 'misconfigured' ? 'critical' : 'warning';
  const issues = [...known];
  for (const [name, { error }] of Object.entries(operations)) {
    // A cloud environment fails both reads for one reason: said once.
    if (error === null || issues.some(({ remedy }) => remedy === error.remedy)) continue;
    issues.push({
      severity,
      text: `${name} fails (${error.reason}): ${error.message}`,
      remedy: error.remedy,
      alert: null,
    });
  }
  if (queue !== null && queue.oldest_age_seconds === null) {
    issues.push({
      severity,
      text: ageUnknownText(queue.depth + queue.pending),
      remedy: AGE_UNKNOWN_REMEDY,
      alert: null,
    });
  }
  if (items?.truncated === true) {
    const chainBroken = visible.items?.lastFullRead?.chainBroken === true;
    const cut = chainBroken ? 'could not be read to its end' : 'was cut at the page cap';
    issues.push({
      severity,
      text: `The item list ${cut}: numbers from it are too low.`,
      remedy: chainBroken
        ? CHAIN_BROKEN_REMEDY
        : 'Raise poll.max_list_pages, or have old items of the environment cleared.',
      alert: null,
    });
  }
  if (issues.length === 0 && (status === 'blind' || status === 'degraded')) {
    issues.push({ severity, text: 'The last answer is too old to be shown.', remedy: null, alert: null });
  }
  return issues;
}

function ageUnknownText(waiting: number): string {
  const work = waiting === 1 ? '1 item waits' : `${waiting} items wait`;
  return `${work}, and the API does not say since when: no alert on the age of the queue can fire`;
}

const AGE_UNKNOWN_REMEDY =
  'Compare oldest_queued_at of work/stats with the clock; if the field has a new name or form, update the exporter.';

/** Where nobody takes the work, its age and its number are no news: the alerts are muted by that of the cause, too. */
function isConsequence({ threshold }: Condition, first: Condition): boolean {
  return first.alert === UNSERVED_ALERT && (threshold === 'queue_age' || threshold === 'queue_depth');
}

function conditionIssue(condition: Condition, { queue }: EnvironmentJson): AttentionIssue {
  const { severity, alert } = condition;
  const text = alert === UNSERVED_ALERT && queue !== null ? unservedText(condition, queue) : conditionText(condition);
  return { severity, text, remedy: null, alert };
}

function unservedText(
  { severity, value, limit }: Condition,
  { depth, pending }: NonNullable<EnvironmentJson['queue']>,
) {
  const waiting = depth + pending;
  const who = severity === 'critical' ? 'no workers' : 'nobody polls, perhaps there are no workers';
  const what = waiting === 1 ? '1 item waits' : `${waiting} items wait`;
  return `${who}: ${what}, the oldest for ${durationText(value)} (patience ${durationText(limit)})`;
}

function conditionText({ threshold, state, value, limit }: Condition): string {
  switch (threshold) {
    case 'queue_age':
      return `the oldest item has waited ${durationText(value)} (limit ${durationText(limit)})`;
    case 'queue_depth':
      return `${value} items wait (limit ${limit})`;
    case 'stale_heartbeat_items':
      return `${value} active ${value === 1 ? 'item' : 'items'} without a fresh heartbeat (limit ${limit})`;
    case 'state_age':
      return `an item has been ${state} for ${durationText(value)} (limit ${durationText(limit)})`;
    case 'session_wait':
      return `a session waits for a result or an approval for ${durationText(value)} while its item runs (limit ${durationText(limit)})`;
    case 'redeliveries':
      return `an item was delivered again ${value} times after its lease lapsed (limit ${limit})`;
    case 'min_workers':
      return `${value} live ${value === 1 ? 'worker' : 'workers'} (at least ${limit} wanted)`;
  }
}
