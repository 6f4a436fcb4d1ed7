import type { Duration } from '../parts/durations.ts';
import { and, because, by, CONNECTION, ENVIRONMENT, on, or, PROCESS, type Queries, unless } from '../parts/queries.ts';
import { CONNECTION_CAUSES, ENVIRONMENT_UNREAD } from '../parts/quiet.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';
import {
  allFailures,
  failing,
  LIMITED,
  limitedSinceStart,
  MORE_THAN_ONCE,
  NOTHING_THERE,
  namedFailures,
  OWN_REASONS,
  REFUSED,
} from './failure-series.ts';
import { exporterTime } from './read-series.ts';
import { returned } from './returned.ts';

/** An environment may always stay unread for this long, however short its interval is. */
const GRACE_SECONDS = 120;

/**
 * Environments that cannot be read because their connection is rate-limited: at least half of their failed reads met a
 * 429, or the connection waits after one. A pause holds for the whole connection, so each of many environments meets
 * its second 429 only minutes later. An environment that fails for a reason of its own is not among them.
 */
export function limited(q: Queries): string {
  const notVisible = q.recorded(RECORDED.notVisible);
  const environmentInfo = q.recorded(RECORDED.environmentInfo);
  const ofConnection = (failures: string, from = environmentInfo) =>
    by('sum', CONNECTION, `${from} * on (${ENVIRONMENT}) group_left () ${by('sum', ENVIRONMENT, failures)}`);
  // What was refused before says nothing about the rest, however often it was asked.
  const others = `(${unless(environmentInfo, failing(q, 'stats', OWN_REASONS))})`;
  const rateLimited = q.recorded(RECORDED.namedFailures, { reason: LIMITED });
  const half = `clamp_min(0.5 * ${ofConnection(allFailures(q, { operation: 'stats' }), others)}, ${MORE_THAN_ONCE})`;
  const mostly = `${notVisible}\nand on (${CONNECTION}) (${ofConnection(rateLimited)} >= on (${CONNECTION}) ${half})`;
  const failsOtherwise = `(${unless(q.recorded(RECORDED.readFailed, { operation: 'stats' }), rateLimited)})`;
  const paused = unless(`${notVisible}\nand on (${CONNECTION}) ${pausedConnections(q)}`, failsOtherwise);
  return unless(
    `(${or(
      because('At least half of the failed reads met a 429.', mostly),
      because('The connection waits after a 429, so reads are held back.', paused),
    )})`,
    q.recorded(RECORDED.readsFailing, { operation: 'stats', reason: { not: LIMITED } }),
  );
}

/**
 * Connections that wait after a 429: only then are reads held back that have not failed. A single 429 may ask for
 * minutes in which nothing is read.
 */
function pausedConnections(q: Queries): string {
  const until = q.last('anthropic_work_backoff_until_timestamp_seconds');
  const heldBack = `(${until} > on (${PROCESS}) group_left () ${exporterTime(q)})`;
  const waits = `(${heldBack} unless on (${ENVIRONMENT}, operation) ${q.recorded(RECORDED.readFailed)})`;
  return by('group', CONNECTION, and(q.recorded(RECORDED.environmentInfo), waits));
}

/**
 * Connections whose API key is refused. It is then refused for everything that is read with it, whether it was tried or
 * not. Shards may have different keys, so all of them must say so.
 */
export function apiKeyRefused(q: Queries): string {
  const rejected = by('min', CONNECTION, q.last('anthropic_work_credential_rejected', { credential: 'api_key' }));
  return `(${q.recorded(RECORDED.environmentsRefused)}\nand on (${CONNECTION}) (${rejected} == 1))`;
}

/** Environments of which nothing is read because no key can read it. */
export function unread(q: Queries): string {
  return unless(q.recorded(RECORDED.environmentInfo), q.last('anthropic_work_poll_interval_seconds'));
}

/** Environments that cannot be read although there is a key to try, whatever the reason. */
export function blindSeries(q: Queries): readonly Rule[] {
  const environmentInfo = q.recorded(RECORDED.environmentInfo);
  const up = { operation: 'stats' } as const;
  // Absent if no key can read them.
  const interval = q.last('anthropic_work_poll_interval_seconds', up);
  const grace = `5 * ${by('max', ENVIRONMENT, interval)}`;
  // Once an environment was read, its last read alone counts.
  const sinceRead = by('min', ENVIRONMENT, q.recorded(RECORDED.statsAge));
  // A second restart of an exporter that has never read the environment must not end the page.
  const stillUnread = `last_over_time(${q.range(q.recorded(RECORDED.notVisible), '15m')}) + Inf`;
  // A new environment is excused only if every replica considers it new and none has read it: a restart, or another
  // replica in the middle of an outage, must not end the page.
  const since = q.last('anthropic_work_watched_since_timestamp_seconds');
  const watched = by('max', ENVIRONMENT, `${exporterTime(q)} - on (${PROCESS}) group_right () ${since}`);
  const unreadFor = [sinceRead, stillUnread, watched].join(`\nor on (${ENVIRONMENT}) `);
  const unseen = `((${unreadFor}) > ${q.seconds(GRACE_SECONDS)})`;
  const failed = (window: Duration) => `last_over_time(${q.range(q.recorded(RECORDED.readFailed, up), window)})`;
  const unreadLately = `last_over_time(${q.range(q.recorded(RECORDED.notVisible), '8m')})`;
  const perRead = `${ENVIRONMENT}, operation`;
  return [
    limitedSinceStart(q),
    namedFailures(q),
    {
      // A single failure proves nothing: it may be a key rotation followed by an outage.
      record: RECORDED.readsFailing,
      expr: `(${allFailures(q)} > ${MORE_THAN_ONCE})\nand on (${perRead}) ${q.recorded(RECORDED.readFailed)}`,
    },
    {
      // Discovery fails and nothing is watched, so nobody knows which environments there are.
      record: RECORDED.undiscovered,
      expr: `(${by('max', CONNECTION, q.last('anthropic_work_discovery_up'))} == 0)\nunless on (${CONNECTION}) ${environmentInfo}`,
    },
    {
      record: RECORDED.readsFlapping,
      expr: and(
        environmentInfo,
        `(${or(
          because(
            'They failed again after they had succeeded, and have not succeeded for three minutes without a break.',
            and(`(${q.changes('anthropic_work_up', '20m', up)} > 2)`, failed('3m')),
          ),
          because(
            'If a page about them has returned, not for eight.',
            and(failed('8m'), returned(q, ENVIRONMENT_UNREAD, ENVIRONMENT)),
          ),
          because(
            'In a pause after a 429, reads that are held back have not failed.',
            `${and(environmentInfo, `(${or(failed('8m'), unreadLately)})`)}\nand on (${CONNECTION}) ${returned(q, CONNECTION_CAUSES, CONNECTION)}`,
          ),
        )})`,
      ),
    },
    // What is still shown of it no longer counts. A list that can be read all the same says that the environment is
    // there.
    {
      record: RECORDED.environmentDeleted,
      expr: unless(failing(q, 'stats', NOTHING_THERE), q.recorded(RECORDED.listFresh)),
    },
    { record: RECORDED.notVisible, expr: and(environmentInfo, `(${on(unseen, '>', grace)})`) },
    {
      // An environment that is read less often than others is known to be unread only minutes after them. Until then its
      // last reads say what to expect, also if it was never read before.
      record: RECORDED.perhapsNotVisible,
      expr: unless(
        and(environmentInfo, q.recorded(RECORDED.readFailed, up)),
        `(${sinceRead} <= ${q.seconds(GRACE_SECONDS)})`,
        failing(q, 'stats', NOTHING_THERE),
      ),
    },
    {
      // It can be read, although no exporter has been up without a break. One that has just started may not have tried yet,
      // a key that is refused for the list may be that of the workers, and where samples are missing it takes longer to
      // see that reads come and go.
      record: RECORDED.seenUnwatched,
      expr: `${unless(
        and(environmentInfo, q.recorded(RECORDED.statsAge)),
        q.recorded(RECORDED.notVisible),
        q.recorded(RECORDED.readsFlapping),
        failing(q, 'list', REFUSED),
        failed('3m'),
      )}\nunless on (job) ${q.recorded(RECORDED.exporterWatches)}`,
    },
    {
      // A key may be refused for other reads only, such as the list of environments, while these fail for a reason of
      // their own.
      record: RECORDED.environmentsRefused,
      expr: `${by('count', CONNECTION, and(q.recorded(RECORDED.notVisible), failing(q, 'stats', REFUSED)))} > 1\nand on (${CONNECTION}) (${q.last('anthropic_work_credential_rejected')} == 1)`,
    },
  ];
}
