import { FAILURE_REASONS, type FailureReason } from '../domain/failure.ts';
import { exporterTime } from './environment-series.ts';
import { and, by, CONNECTION, ENVIRONMENT, on, PROCESS, type Queries, REPLICA, unless } from './queries.ts';
import { RECORDED } from './recorded.ts';
import type { Rule } from './rule.ts';

export const REFUSED: readonly FailureReason[] = ['unauthorized', 'forbidden'];
/** An environment with one of these fails for a reason of its own, whatever the others of its connection meet. */
export const NOT_LIMITED: readonly FailureReason[] = FAILURE_REASONS.filter((reason) => reason !== 'rate_limited');
/** The API says that there is nothing to watch. */
export const NOTHING_THERE: readonly FailureReason[] = ['not_self_hosted', 'not_found'];

/**
 * Environments whose reads failed for one of these reasons more than once in 15 minutes. A single failure proves
 * nothing: it may be a key rotation followed by an outage. `increase` extrapolates a single event to at most 1.1.
 */
export function failing(q: Queries, operation: 'stats' | 'list', reason: readonly FailureReason[]): string {
  return `(${by('max', ENVIRONMENT, q.recorded(RECORDED.failures, { operation, reason }))} > 1.5)`;
}

/** At least half of the failed reads of the stats were rate-limited. */
export function rateLimited(q: Queries): string {
  const failures = (reason?: readonly FailureReason[]) =>
    by(
      'max',
      ENVIRONMENT,
      by(
        'sum',
        REPLICA,
        q.recorded(RECORDED.failures, { operation: 'stats', ...(reason === undefined ? {} : { reason }) }),
      ),
    );
  return `(${failures(['rate_limited'])} > 1.5 and on (${ENVIRONMENT}) ${failures(['rate_limited'])} >= on (${ENVIRONMENT}) 0.5 * ${failures()})`;
}

/**
 * Connections of which at least half of the failed reads were rate-limited. A pause after a 429 holds for the whole
 * connection, so each of many environments meets the second one only minutes later.
 */
export function limitedConnections(q: Queries): string {
  const failures = (where: { readonly reason?: readonly FailureReason[] } = {}) => {
    const ofEach = by('sum', ENVIRONMENT, q.recorded(RECORDED.failures, where));
    return by('sum', CONNECTION, `${q.recorded(RECORDED.info)} * on (${ENVIRONMENT}) group_left () ${ofEach}`);
  };
  const limited = failures({ reason: ['rate_limited'] });
  return `(${limited} > 1.5 and on (${CONNECTION}) ${limited} >= on (${CONNECTION}) 0.5 * ${failures()})`;
}

/** Seconds between two reads of the stats; absent if no key can read them. */
function statsInterval(q: Queries): string {
  return by('max', ENVIRONMENT, q.last('anthropic_work_poll_interval_seconds', { operation: 'stats' }));
}

/** Environments whose stats are read. */
function readByStats(q: Queries): string {
  return and(q.recorded(RECORDED.info), statsInterval(q));
}

/** Environments of which nothing is read because no key can read it. */
export function unread(q: Queries): string {
  return unless(q.recorded(RECORDED.info), q.last('anthropic_work_poll_interval_seconds'));
}

/** Reads of the stats failed again after they had succeeded, and have not succeeded for three minutes on end. */
function flapping(q: Queries): string {
  const up = { operation: 'stats' } as const;
  const comesAndGoes = unless(
    `(${by('max', ENVIRONMENT, q.changes('anthropic_work_up', '20m', up))} > 2)`,
    `(${by('max', ENVIRONMENT, q.over('min', 'anthropic_work_up', '3m', up))} == 1)`,
  );
  // With the connection of the environment, which the page carries.
  return and(q.recorded(RECORDED.info), `(${comesAndGoes})`);
}

/** Environments that cannot be read although there is a key to try, whatever the reason. */
export function blindSeries(q: Queries): readonly Rule[] {
  const interval = statsInterval(q);
  const grace = `clamp_min(5 * ${interval}, ${q.seconds(120)})`;
  const readWithin = by('min', ENVIRONMENT, q.recorded(RECORDED.statsAge));
  const since = by('min', REPLICA, q.last('anthropic_work_watched_since_timestamp_seconds'));
  const watched = by('min', ENVIRONMENT, `${exporterTime(q)} - on (${PROCESS}) group_right () ${since}`);
  const everRead = q.over('max', 'anthropic_work_last_success_timestamp_seconds', '15m', { operation: 'stats' });
  const failures = q.increase('anthropic_work_api_request_failures_total', '15m', { operation: ['stats', 'list'] });
  return [
    // Nearly all of them are 0.
    { record: RECORDED.failures, expr: `${by('max', `${REPLICA}, operation, reason`, failures)} > 0` },
    { record: RECORDED.read, expr: by('count', CONNECTION, readByStats(q)) },
    { record: RECORDED.flapping, expr: flapping(q) },
    // What is still shown is over. A list that is read all the same says that the environment is there.
    { record: RECORDED.deleted, expr: unless(failing(q, 'stats', NOTHING_THERE), q.recorded(RECORDED.listFresh)) },
    {
      // A new environment is excused only if every replica considers it new and none has read it: a restart, or another
      // replica in the middle of an outage, must not end the page.
      record: RECORDED.blind,
      expr: unless(
        `(${readByStats(q)})`,
        `(${on(readWithin, '<=', grace)})`,
        `(${on(watched, '<=', grace)}\n  unless on (${ENVIRONMENT}) ${everRead})`,
      ),
    },
  ];
}
