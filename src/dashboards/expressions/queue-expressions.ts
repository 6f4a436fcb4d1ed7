import type { Severity } from '../../domain/environment.ts';
import { E, E_PROCESS, join, ofEnvironment, perEnvironment, strictest } from './promql.ts';
import { shardInfo } from './shards.ts';

/** Age of the oldest waiting or pending item; 0 when the queue is empty, absent while the queue cannot be seen. */
export const age = perEnvironment('anthropic_work_queue_oldest_age_seconds');
export const depth = perEnvironment('anthropic_work_queue_depth');
export const pending = perEnvironment('anthropic_work_queue_pending');
export const polling = perEnvironment('anthropic_work_workers_polling');
export const watched = perEnvironment('anthropic_work_environment_info');

/** Waiting and claimed-but-unacknowledged items together: what the alert rules call waiting. */
export const waiting = join(depth, '+', pending);

/**
 * Items whose worker is known to be alive: starting, active and stopping ones minus those with a stale heartbeat,
 * subtracted within one replica's read before the replicas are compared.
 */
export const live =
  `max by (${E}) (` +
  `sum by (${E_PROCESS}) (${ofEnvironment('anthropic_work_items', 'state=~"starting|active|stopping"')})` +
  ` - on (${E_PROCESS}) ` +
  `sum by (${E_PROCESS}) (${ofEnvironment('anthropic_work_stale_heartbeat_items')}))`;

export const stale = perEnvironment('anthropic_work_stale_heartbeat_items', 'state="active"');

/** The limit of the queue's age; disabled limits (`+Inf`) are omitted, so that a chart draws no line for them. */
export function ageLimit(severity: Severity): string {
  return `${strictest('anthropic_work_threshold_queue_age_seconds', `severity="${severity}"`)} < Inf`;
}

/** Environments over their own age limit, with the age as the value. */
export function overAgeLimit(severity: Severity): string {
  return join(age, '>', ageLimit(severity));
}

/** 0 where an exporter is up and none of its environments is shown: it watches none, or the filters leave none. */
export const noneShown = `(0 * count(${shardInfo})) unless on () count(${watched})`;

/** Watched environments whose queue no replica can show. */
export const notVisible = join(watched, 'unless', age);

/**
 * Waiting work, nobody polls, and the list shows no running item with a fresh heartbeat. It is shown at once, before it is a
 * condition, and also where a condition of the connection stands for it.
 */
export const noWorkers =
  `(max by (${E}) (max_over_time(${ofEnvironment('anthropic_work_workers_polling')}[2m])) == 0)` +
  ` and on (${E}) (${waiting} > 0) and on (${E}) (${live} <= 0)`;

/** Environments of which some condition of this severity holds. */
function troubled(severity: Severity): string {
  return `max by (${E}) (${ofEnvironment('anthropic_work_condition', `severity="${severity}"`)}) == 1`;
}

/** What the number that {@link status} returns means, worst last. */
export const STATUS = { empty: 0, moving: 1, warning: 2, critical: 3, noWorkers: 4, notVisible: 5 } as const;

const as = (code: keyof typeof STATUS, expression: string) => `((${expression}) * 0 + ${STATUS[code]})`;

/**
 * One code per watched environment. The first expression that knows the environment wins, so the order is that of
 * urgency; an environment that cannot be seen is never called empty.
 */
export const status = [
  as('notVisible', notVisible),
  as('noWorkers', noWorkers),
  as('critical', `(${overAgeLimit('critical')}) or (${troubled('critical')})`),
  as('warning', `(${overAgeLimit('warning')}) or (${troubled('warning')})`),
  as('moving', `${age} > 0`),
  as('empty', age),
].join(' or ');
