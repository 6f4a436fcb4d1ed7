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

/** The read that decides whether an environment is visible. */
const STATS = { operation: 'stats' } as const;
const PER_READ = `${ENVIRONMENT}, operation`;

/** Which reads fail and why, and which environments cannot be read although there is a key to try. */
export function visibilitySeries(q: Queries): readonly Rule[] {
  const environmentInfo = q.recorded(RECORDED.environmentInfo);
  return [
    limitedSinceStartSeries(q),
    namedFailuresSeries(q),
    {
      // A single failure proves nothing: it may be a key rotation followed by an outage.
      record: RECORDED.readsFailing,
      expr: `(${allFailures(q)} > ${MORE_THAN_ONCE})\nand on (${PER_READ}) ${q.recorded(RECORDED.readFailed)}`,
    },
    {
      // Discovery fails and nothing is watched, so nobody knows which environments there are.
      record: RECORDED.undiscovered,
      expr: `(${by('max', CONNECTION, q.last('anthropic_work_discovery_up'))} == 0)\nunless on (${CONNECTION}) ${environmentInfo}`,
    },
    readsFlappingSeries(q),
    // What is still shown of it no longer counts. A list that can be read all the same says that the environment is
    // there.
    {
      record: RECORDED.environmentDeleted,
      expr: unless(failingReads(q, 'stats', NO_SUCH_QUEUE), q.recorded(RECORDED.listFresh)),
    },
    notVisibleSeries(q),
    {
      // An environment that is read less often than others is known to be unread only minutes after them. Until then its
      // last reads say what to expect, also if it was never read before.
      record: RECORDED.perhapsNotVisible,
      expr: unless(
        and(environmentInfo, q.recorded(RECORDED.readFailed, STATS)),
        `(${sinceRead(q)} <= ${q.seconds(GRACE_SECONDS)})`,
        failingReads(q, 'stats', NO_SUCH_QUEUE),
      ),
    },
    seenUnwatchedSeries(q),
    {
      // A key may be refused for other reads only, such as the list of environments, while these fail for a reason of
      // their own.
      record: RECORDED.environmentsRefused,
      expr: `${by('count', CONNECTION, and(q.recorded(RECORDED.notVisible), failingReads(q, 'stats', REFUSED_REASONS)))} > 1\nand on (${CONNECTION}) (${q.last('anthropic_work_credential_rejected')} == 1)`,
    },
  ];
}

/** Seconds since any instance read the stats. */
function sinceRead(q: Queries): string {
  return by('min', ENVIRONMENT, q.recorded(RECORDED.statsAge));
}

/** Environments whose last read of the stats failed, at some time within the window. */
function failedWithin(q: Queries, window: Duration): string {
  return `last_over_time(${q.range(q.recorded(RECORDED.readFailed, STATS), window)})`;
}

function readsFlappingSeries(q: Queries): Rule {
  const environmentInfo = q.recorded(RECORDED.environmentInfo);
  const notVisibleLately = `last_over_time(${q.range(q.recorded(RECORDED.notVisible), '8m')})`;
  return {
    record: RECORDED.readsFlapping,
    expr: and(
      environmentInfo,
      `(${or(
        because(
          'They failed again after they had succeeded, and have not succeeded for three minutes without a break.',
          and(`(${q.changes('anthropic_work_up', '20m', STATS)} > 2)`, failedWithin(q, '3m')),
        ),
        because(
          'If a page about them has returned, not for eight.',
          and(failedWithin(q, '8m'), returnedFor(q, UNREAD_ENVIRONMENT_PAGES, ENVIRONMENT)),
        ),
        because(
          'In a pause after a 429, reads that are held back have not failed.',
          `${and(environmentInfo, `(${or(failedWithin(q, '8m'), notVisibleLately)})`)}\nand on (${CONNECTION}) ${returnedFor(q, UNREAD_CONNECTION_PAGES, CONNECTION)}`,
        ),
      )})`,
    ),
  };
}

/** Environments that have not been read for longer than five of their intervals, and than the grace period. */
function notVisibleSeries(q: Queries): Rule {
  // Absent if no key can read them.
  const interval = q.last('anthropic_work_poll_interval_seconds', STATS);
  const grace = `5 * ${by('max', ENVIRONMENT, interval)}`;
  // A second restart of an exporter that has never read the environment must not end the page.
  const stillUnread = `last_over_time(${q.range(q.recorded(RECORDED.notVisible), '15m')}) + Inf`;
  // A new environment is excused only if every replica considers it new and none has read it: a restart, or another
  // replica in the middle of an outage, must not end the page.
  const since = q.last('anthropic_work_watched_since_timestamp_seconds');
  const watchedFor = by('max', ENVIRONMENT, `${exporterTime(q)} - on (${PROCESS}) group_right () ${since}`);
  // Once an environment was read, its last read alone counts.
  const unreadFor = [sinceRead(q), stillUnread, watchedFor].join(`\nor on (${ENVIRONMENT}) `);
  const beyondGrace = `((${unreadFor}) > ${q.seconds(GRACE_SECONDS)})`;
  return {
    record: RECORDED.notVisible,
    expr: and(q.recorded(RECORDED.environmentInfo), `(${on(beyondGrace, '>', grace)})`),
  };
}

/**
 * Environments that can be read, although no exporter has been up without a break. One that has just started may not have
 * tried yet, a key that is refused for the list may be that of the workers, and where samples are missing it takes longer to
 * see that reads come and go.
 */
function seenUnwatchedSeries(q: Queries): Rule {
  return {
    record: RECORDED.seenUnwatched,
    expr: `${unless(
      and(q.recorded(RECORDED.environmentInfo), q.recorded(RECORDED.statsAge)),
      q.recorded(RECORDED.notVisible),
      q.recorded(RECORDED.readsFlapping),
      failingReads(q, 'list', REFUSED_REASONS),
      failedWithin(q, '3m'),
    )}\nunless on (job) ${q.recorded(RECORDED.exporterWatches)}`,
  };
}
