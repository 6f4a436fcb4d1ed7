import { UNREAD_CONNECTION_PAGES, UNREAD_ENVIRONMENT_PAGES } from '../parts/cause-pages.ts';
import type { Duration } from '../parts/durations.ts';
import { and, because, by, CONNECTION, ENVIRONMENT, on, or, PROCESS, type Queries, unless } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';
import {
  allFailures,
  failingReads,
  limitedSinceStartSeries,
  MORE_THAN_ONCE,
  NO_SUCH_QUEUE,
  namedFailuresSeries,
  REFUSED_REASONS,
} from './failure-series.ts';
import { exporterTime } from './read-series.ts';
import { returnedFor } from './returned-pages.ts';

/** An environment may always stay unread for this long, however short its interval is. */
const GRACE_SECONDS = 120;

/** Environments that cannot be read although there is a key to try, whatever the reason. */
export function visibilitySeries(q: Queries): readonly Rule[] {
  const environmentInfo = q.recorded(RECORDED.environmentInfo);
  const stats = { operation: 'stats' } as const;
  // Absent if no key can read them.
  const interval = q.last('anthropic_work_poll_interval_seconds', stats);
  const grace = `5 * ${by('max', ENVIRONMENT, interval)}`;
  // Once an environment was read, its last read alone counts.
  const sinceRead = by('min', ENVIRONMENT, q.recorded(RECORDED.statsAge));
  // A second restart of an exporter that has never read the environment must not end the page.
  const stillUnread = `last_over_time(${q.range(q.recorded(RECORDED.notVisible), '15m')}) + Inf`;
  // A new environment is excused only if every replica considers it new and none has read it: a restart, or another
  // replica in the middle of an outage, must not end the page.
  const since = q.last('anthropic_work_watched_since_timestamp_seconds');
  const watchedFor = by('max', ENVIRONMENT, `${exporterTime(q)} - on (${PROCESS}) group_right () ${since}`);
  const unreadFor = [sinceRead, stillUnread, watchedFor].join(`\nor on (${ENVIRONMENT}) `);
  const beyondGrace = `((${unreadFor}) > ${q.seconds(GRACE_SECONDS)})`;
  const failed = (window: Duration) => `last_over_time(${q.range(q.recorded(RECORDED.readFailed, stats), window)})`;
  const notVisibleLately = `last_over_time(${q.range(q.recorded(RECORDED.notVisible), '8m')})`;
  const perRead = `${ENVIRONMENT}, operation`;
  return [
    limitedSinceStartSeries(q),
    namedFailuresSeries(q),
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
            and(`(${q.changes('anthropic_work_up', '20m', stats)} > 2)`, failed('3m')),
          ),
          because(
            'If a page about them has returned, not for eight.',
            and(failed('8m'), returnedFor(q, UNREAD_ENVIRONMENT_PAGES, ENVIRONMENT)),
          ),
          because(
            'In a pause after a 429, reads that are held back have not failed.',
            `${and(environmentInfo, `(${or(failed('8m'), notVisibleLately)})`)}\nand on (${CONNECTION}) ${returnedFor(q, UNREAD_CONNECTION_PAGES, CONNECTION)}`,
          ),
        )})`,
      ),
    },
    // What is still shown of it no longer counts. A list that can be read all the same says that the environment is
    // there.
    {
      record: RECORDED.environmentDeleted,
      expr: unless(failingReads(q, 'stats', NO_SUCH_QUEUE), q.recorded(RECORDED.listFresh)),
    },
    { record: RECORDED.notVisible, expr: and(environmentInfo, `(${on(beyondGrace, '>', grace)})`) },
    {
      // An environment that is read less often than others is known to be unread only minutes after them. Until then its
      // last reads say what to expect, also if it was never read before.
      record: RECORDED.perhapsNotVisible,
      expr: unless(
        and(environmentInfo, q.recorded(RECORDED.readFailed, stats)),
        `(${sinceRead} <= ${q.seconds(GRACE_SECONDS)})`,
        failingReads(q, 'stats', NO_SUCH_QUEUE),
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
        failingReads(q, 'list', REFUSED_REASONS),
        failed('3m'),
      )}\nunless on (job) ${q.recorded(RECORDED.exporterWatches)}`,
    },
    {
      // A key may be refused for other reads only, such as the list of environments, while these fail for a reason of
      // their own.
      record: RECORDED.environmentsRefused,
      expr: `${by('count', CONNECTION, and(q.recorded(RECORDED.notVisible), failingReads(q, 'stats', REFUSED_REASONS)))} > 1\nand on (${CONNECTION}) (${q.last('anthropic_work_credential_rejected')} == 1)`,
    },
  ];
}
