import type { AlertName } from './alert-names.ts';
import type { Duration } from './durations.ts';
import { by, CONNECTION, ENVIRONMENT, type Queries } from './queries.ts';
import { RECORDED } from './recorded.ts';

/** Pages that name the reason why work of an environment waits. */
export const CAUSES: readonly AlertName[] = [
  'AnthropicWorkNoWorkers',
  'AnthropicWorkApiAuthFailing',
  'AnthropicWorkLeasesLapsing',
  'AnthropicWorkEnvironmentNotVisible',
];

/** Pages that explain why the environments of a connection cannot be read. */
const CONNECTION_CAUSES: readonly AlertName[] = [
  'AnthropicWorkCredentialRejected',
  'AnthropicWorkApiUnreachable',
  'AnthropicWorkApiRateLimited',
];

/** Environments with one of these pages firing within the window. */
export function pagedWithin(q: Queries, names: readonly AlertName[], window: Duration): string {
  return by('max', ENVIRONMENT, q.paged(names, window));
}

/**
 * Consequences of a cause stay silent this long after its page: returning workers find old items, spent budgets and
 * lapsed leases, and none of that is news. Alertmanager can mute only while the cause still fires.
 */
export function afterCause(q: Queries, expr: string, window: Duration = '20m'): string {
  return `(${expr})\nunless on (${ENVIRONMENT}) ${pagedWithin(q, CAUSES, window)}`;
}

/**
 * A ticket that has fired and ended returns within half a day only as a page: somebody will look at it within the
 * working day anyway, and bursts that recur every hour are one ticket. WaitBudgetBurn reports how often they occur.
 */
export function onceAHalfDay(q: Queries, expr: string, name: AlertName): string {
  const told = (window: Duration) => by('max', ENVIRONMENT, q.fired([name], 'warning', window));
  return `(${expr})\nunless on (${ENVIRONMENT}) (${told('12h')} unless on (${ENVIRONMENT}) ${told('10m')})`;
}

/** Excludes environments of a connection that has its own page, or had one a moment ago. */
export function afterConnectionCause(q: Queries, expr: string): string {
  const paged = by('max', CONNECTION, q.paged(CONNECTION_CAUSES, '6m'));
  return `(${expr})\nunless on (${CONNECTION}) ${paged}`;
}

/** Environments whose oldest item became clearly younger, or whose backlog shrank by a tenth, within five minutes. */
export function recovering(q: Queries): string {
  const before = `offset ${q.duration('5m')}`;
  const age = q.recorded(RECORDED.age);
  const waiting = q.recorded(RECORDED.waiting);
  return `((${age} < 0.97 * (${age} ${before})) or (${waiting} < 0.9 * (${waiting} ${before})))`;
}

/** A page that was firing keeps firing while its environment cannot be read: not seeing is no sign of a repair. */
export function heldWhileBlind(q: Queries, name: AlertName): string {
  const up = by('max', ENVIRONMENT, q.last('anthropic_work_up', { operation: 'stats' }));
  return `(${pagedWithin(q, [name], '2m')} and on (${ENVIRONMENT}) (${up} == 0))`;
}
