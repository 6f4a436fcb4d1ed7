import { FAILURE_REASONS, type FailureReason } from '../../domain/failure.ts';
import { by, ENVIRONMENT, PROCESS, type Queries, REPLICA } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';
import { exporterTime } from './read-series.ts';

/** The API refuses a key. */
export const REFUSED_REASONS: readonly FailureReason[] = ['unauthorized', 'forbidden'];
/** The API says that there is nothing to watch. */
export const NO_SUCH_QUEUE: readonly FailureReason[] = ['not_self_hosted', 'not_found'];
/** Reasons that concern the environment or its key, not the way to the API. */
export const ENVIRONMENT_REASONS: readonly FailureReason[] = [...REFUSED_REASONS, ...NO_SUCH_QUEUE];
/** The API answers 429. */
export const RATE_LIMITED: FailureReason = 'rate_limited';
/** `increase` extrapolates a single event to at most 1.1. */
export const MORE_THAN_ONCE = 1.5;
/** The labels by which failed reads are counted. */
const PER_REASON = `${ENVIRONMENT}, operation, reason`;

/**
 * Environments whose reads of one kind fail everywhere now, and failed for one of these reasons more than once in 15
 * minutes.
 */
export function failingReads(q: Queries, operation: 'stats' | 'list', reason: readonly FailureReason[]): string {
  return q.recorded(RECORDED.readsFailing, { operation, reason });
}

/**
 * Failures of the last 15 minutes for these reasons, by operation. @param others further expressions with the labels
 * `KIND`
 */
function failuresFor(
  q: Queries,
  stats: readonly FailureReason[],
  list: readonly FailureReason[],
  ...others: readonly string[]
): string {
  const counted = (operation: 'stats' | 'list', reason: readonly FailureReason[]) =>
    // There are many of them, and nearly all are 0.
    `${q.increase('anthropic_work_api_request_failures_total', '15m', { operation, reason })} > 0`;
  return by('max', PER_REASON, [counted('stats', stats), counted('list', list), ...others].join(' or '));
}

/**
 * 429s since an exporter began to watch an environment, if that was in the last 15 minutes: then its counter holds all
 * of them. `increase` does not see those before the first scrape, and an exporter that starts while the API asks for a
 * pause of minutes meets one per read before that scrape, and hardly any after it.
 *
 * The aggregation drops the instance, so `or` keeps the result beside an increase of the same read, and the larger one
 * counts. Recorded by itself, because the exporter's time moves at every evaluation, and the many counters hardly ever
 * do.
 */
export function limitedSinceStartSeries(q: Queries): Rule {
  const where = { operation: ['stats', 'list'], reason: RATE_LIMITED } as const;
  const met = `${q.last('anthropic_work_api_request_failures_total', where)} > 0`;
  const since = q.last('anthropic_work_watched_since_timestamp_seconds');
  const isNew = `(${since} > on (${PROCESS}) group_left () (${exporterTime(q)} - ${q.seconds(900)}))`;
  return {
    record: RECORDED.limitedSinceStart,
    expr: by('max', PER_REASON, `(${met})\nand on (${REPLICA}) ${isNew}`),
  };
}

/**
 * Failures that pages name. Of the list these are refusals, since its key is that of the workers, and 429s, which pause
 * the whole connection.
 */
export function namedFailuresSeries(q: Queries): Rule {
  const expr = failuresFor(
    q,
    [...ENVIRONMENT_REASONS, RATE_LIMITED],
    [...REFUSED_REASONS, RATE_LIMITED],
    q.recorded(RECORDED.limitedSinceStart),
  );
  return { record: RECORDED.namedFailures, expr };
}

/** Failures that no page names. They are counted less often, because they would double the cost. */
export function otherFailuresSeries(q: Queries): Rule {
  const others = FAILURE_REASONS.filter((reason) => ![...ENVIRONMENT_REASONS, RATE_LIMITED].includes(reason));
  // Other reasons why the list fails explain nothing.
  return { record: RECORDED.otherFailures, expr: failuresFor(q, others, NO_SUCH_QUEUE) };
}

/** Failures of the last 15 minutes, whatever their reason. */
export function allFailures(q: Queries, where: { readonly operation?: 'stats' } = {}): string {
  return `(${q.recorded(RECORDED.namedFailures, where)} or ${q.recorded(RECORDED.otherFailures, where)})`;
}

/**
 * Keys that the API refused for a third of the last five minutes. One that is refused only now and then is unknown to
 * one of several servers.
 */
export function refusedKeys(q: Queries, where: { readonly credential?: 'api_key' } = {}): string {
  return `(${q.over('avg', 'anthropic_work_credential_rejected', '5m', where)} > 0.3)`;
}
