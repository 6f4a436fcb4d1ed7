import { FAILURE_REASONS } from '../../domain/failure.ts';
import { and, because, by, CONNECTION, ENVIRONMENT, or, PROCESS, type Queries, unless } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import {
  allFailures,
  ENVIRONMENT_REASONS,
  failingReads,
  MORE_THAN_ONCE,
  NO_SUCH_QUEUE,
  RATE_LIMITED,
  REFUSED_REASONS,
} from './failure-series.ts';
import { exporterTime } from './read-series.ts';

/** Reasons why a read fails that have nothing to do with keys or ids. */
const OTHER_REASONS = FAILURE_REASONS.filter((reason) => !ENVIRONMENT_REASONS.includes(reason));

/** How many of these environments each connection has. */
export function perConnection(environments: string): string {
  return by('count', CONNECTION, environments);
}

/** After `perConnection`: more than half of those that should be read, or three, but never just one. */
export function isMany(q: Queries): string {
  return `> on (${CONNECTION}) clamp_max(clamp_min(0.5 * ${q.recorded(RECORDED.environmentsRead)}, 1), 2)`;
}

/** Environments that are not visible, but for those of which the API says that there is nothing to watch. */
export function withoutNonexistent(q: Queries): string {
  return unless(q.recorded(RECORDED.notVisible), failingReads(q, 'stats', NO_SUCH_QUEUE));
}

/** Environments that are not visible, but for those whose own key or id explains it. */
export function withoutOwnReason(q: Queries): string {
  return unless(q.recorded(RECORDED.notVisible), failingReads(q, 'stats', ENVIRONMENT_REASONS));
}

/** Environments whose key was refused for the stats within 15 minutes. */
export function refusedLately(q: Queries): string {
  return q.recorded(RECORDED.namedFailures, { operation: 'stats', reason: REFUSED_REASONS });
}

/** Beside environments whose keys are refused: those that exist and cannot be read all the same. */
export function besideRefused(q: Queries): string {
  return unless(withoutNonexistent(q), refusedLately(q));
}

/** Environments whose stats fail for reasons that have nothing to do with keys or ids. */
export function failingForOtherReasons(q: Queries): string {
  return failingReads(q, 'stats', OTHER_REASONS);
}

/**
 * Environments that cannot be read because their connection is rate-limited: at least half of their failed reads met a
 * 429, or the connection waits after one. A pause holds for the whole connection, so each of many environments meets
 * its second 429 only minutes later. An environment that fails for a reason of its own is not among them.
 */
export function rateLimited(q: Queries): string {
  const notVisible = q.recorded(RECORDED.notVisible);
  const environmentInfo = q.recorded(RECORDED.environmentInfo);
  const ofConnection = (failures: string, from = environmentInfo) =>
    by('sum', CONNECTION, `${from} * on (${ENVIRONMENT}) group_left () ${by('sum', ENVIRONMENT, failures)}`);
  // What was refused before says nothing about the rest, however often it was asked.
  const withoutOwnReason = `(${unless(environmentInfo, failingReads(q, 'stats', ENVIRONMENT_REASONS))})`;
  const rateLimitedReads = q.recorded(RECORDED.namedFailures, { reason: RATE_LIMITED });
  const halfOfFailures = `clamp_min(0.5 * ${ofConnection(allFailures(q, { operation: 'stats' }), withoutOwnReason)}, ${MORE_THAN_ONCE})`;
  const halfRateLimited = `${notVisible}\nand on (${CONNECTION}) (${ofConnection(rateLimitedReads)} >= on (${CONNECTION}) ${halfOfFailures})`;
  const failsForAnotherReason = `(${unless(q.recorded(RECORDED.readFailed, { operation: 'stats' }), rateLimitedReads)})`;
  const paused = unless(`${notVisible}\nand on (${CONNECTION}) ${pausedConnections(q)}`, failsForAnotherReason);
  return unless(
    `(${or(
      because('At least half of the failed reads met a 429.', halfRateLimited),
      because('The connection waits after a 429, so reads are held back.', paused),
    )})`,
    q.recorded(RECORDED.readsFailing, { operation: 'stats', reason: { not: RATE_LIMITED } }),
  );
}

/**
 * Connections that wait after a 429: only then are reads held back that have not failed. A single 429 may ask for
 * minutes in which nothing is read.
 */
function pausedConnections(q: Queries): string {
  const until = q.last('anthropic_work_backoff_until_timestamp_seconds');
  const heldBack = `(${until} > on (${PROCESS}) group_left () ${exporterTime(q)})`;
  const heldBackUntried = `(${heldBack} unless on (${ENVIRONMENT}, operation) ${q.recorded(RECORDED.readFailed)})`;
  return by('group', CONNECTION, and(q.recorded(RECORDED.environmentInfo), heldBackUntried));
}

/**
 * Connections whose API key is refused. It is then refused for everything that is read with it, whether it was tried or
 * not. Shards may have different keys, so all of them must say so.
 */
export function connectionsWithRefusedApiKey(q: Queries): string {
  const refusedByAll = by('min', CONNECTION, q.last('anthropic_work_credential_rejected', { credential: 'api_key' }));
  return `(${q.recorded(RECORDED.environmentsRefused)}\nand on (${CONNECTION}) (${refusedByAll} == 1))`;
}

/** Environments of which nothing is read because no key can read it. */
export function withoutKey(q: Queries): string {
  return unless(q.recorded(RECORDED.environmentInfo), q.last('anthropic_work_poll_interval_seconds'));
}
