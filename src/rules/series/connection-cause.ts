import type { AlertName } from '../parts/alert-names.ts';
import { UNREAD_CONNECTION_PAGES } from '../parts/cause-pages.ts';
import type { Duration } from '../parts/durations.ts';
import { and, because, by, CONNECTION, or, type Queries, unless } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';

/** Connections that have their own page, or had one within the last six minutes, and which. Recorded below those pages. */
export function connectionPagedSeries(q: Queries): Rule {
  const pages = q.paged(UNREAD_CONNECTION_PAGES, '6m');
  return { record: RECORDED.connectionPaged, expr: by('group', `${CONNECTION}, alertname`, pages) };
}

/**
 * Excludes environments that the page of their connection covers, except those that already have a page of this name: it
 * goes on, muted.
 *
 * @param name the page about one environment
 * @param pendingConnections connections whose page still waits for its `for`: a page about one environment that fired first,
 * and was muted before anybody heard of it, would be sent when the page about the connection is over
 * @param otherReasons environments that fail for a reason other than a refused key: a page about keys does not cover them
 * @param refusedBefore environments with refused keys. When an outage follows, the refusals are forgotten one
 * environment after the other: the page about keys covers them until it ends
 * @param soleOnlyWhileFiring whether the only environment of a connection is excluded only while that page fires, since
 * there is no other one that could be read again meanwhile
 */
export function unlessConnectionPageCovers(
  q: Queries,
  expr: string,
  {
    name,
    pendingConnections,
    otherReasons,
    refusedBefore,
    soleOnlyWhileFiring = false,
  }: {
    readonly name: AlertName;
    readonly pendingConnections?: string;
    readonly otherReasons?: string;
    readonly refusedBefore?: string;
    readonly soleOnlyWhileFiring?: boolean;
  },
): string {
  const ofPagedConnections = (where: { readonly alertname?: readonly AlertName[] } = {}) => {
    const pages = q.recorded(RECORDED.connectionPaged, where);
    return `${q.recorded(RECORDED.notVisible)}\nand on (${CONNECTION}) ${pendingConnections === undefined ? pages : `(${or(pages, pendingConnections)})`}`;
  };
  const unreachableOrLimited = ofPagedConnections({
    alertname: ['AnthropicWorkApiUnreachable', 'AnthropicWorkApiRateLimited'],
  });
  const keysRefused = `${q.recorded(RECORDED.notVisible)}\nand on (${CONNECTION}) ${q.firing('AnthropicWorkCredentialRejected')}`;
  const coversEveryReason = [
    because('An outage or a limit covers every reason.', unreachableOrLimited),
    ...(refusedBefore === undefined
      ? []
      : [because('Keys were refused, and an outage has followed.', and(keysRefused, refusedBefore))]),
  ];
  const exceptFor = (reasons: string) =>
    because('It fails for the same reason.', unless(ofPagedConnections(), reasons));
  const covered =
    otherReasons === undefined ? ofPagedConnections() : `(${or(exceptFor(otherReasons), ...coversEveryReason)})`;
  const soleAfterPage = `${q.recorded(RECORDED.notVisible)}\nand on (${CONNECTION}) (${q.recorded(RECORDED.environmentsRead)} == 1)\nunless on (${CONNECTION}) ${q.firing(UNREAD_CONNECTION_PAGES)}`;
  const excluded = unless(covered, q.firing(name), ...(soleOnlyWhileFiring ? [`(${soleAfterPage})`] : []));
  return unless(`(${expr})`, `(${because('A page about the connection tells of it.', excluded)})`);
}

/**
 * Excludes environments whose connection will perhaps have a page: others of it that are read less often fail, too, and
 * are not yet known to be unread. For five minutes, which is longer than that takes where reads are a minute apart.
 *
 * @param name the page about one environment: those that have it keep it
 * @param many connections of which so many fail that a page about all of them would begin
 */
export function unlessManyMayFail(q: Queries, expr: string, name: AlertName, many: string): string {
  const mayFail = newlyNotVisibleAmong(q, many, { name, within: '5m' });
  return unless(`(${expr})`, `(${because('A page about the connection may be about to come.', mayFail)})`);
}

/**
 * Excludes environments whose connection will have a page in a moment. For eight minutes, three more than above: a
 * Prometheus that was restarted begins with that page's `for` again, and writes no `ALERTS` in its first two evaluations.
 *
 * @param name as above
 * @param many connections of which so many are known to be unread
 */
export function unlessManyFail(q: Queries, expr: string, name: AlertName, many: string): string {
  const fail = newlyNotVisibleAmong(q, many, { name, within: '8m' });
  return unless(
    `(${expr})`,
    `(${because('A page about the connection waits, or fires and is not recorded yet.', fail)})`,
  );
}

/** Environments of these connections that became not visible within that time, and have no page of this name. */
function newlyNotVisibleAmong(
  q: Queries,
  connections: string,
  { name, within }: { readonly name: AlertName; readonly within: Duration },
): string {
  const notVisible = q.recorded(RECORDED.notVisible);
  const then = `last_over_time(${q.range(notVisible, '1m')} offset ${q.duration(within)})`;
  return unless(`${notVisible}\nand on (${CONNECTION}) (${connections})`, q.firing(name), then);
}

/** Excludes environments whose connection has a page, or had one within the last six minutes. */
export function unlessConnectionPaged(q: Queries, expr: string): string {
  return `(${expr})\nunless on (${CONNECTION}) ${q.recorded(RECORDED.connectionPaged)}`;
}

/**
 * Keeps a page about a connection firing for the last of its unreadable environments, when the others are read again or
 * were removed from the configuration: a page about that one alone would come minutes later. An environment with its
 * own page keeps that.
 *
 * @param name the page about the connection
 * @param unread the environments that it can be held for
 */
export function heldForTheLast(q: Queries, name: AlertName, unread: string): string {
  const withoutOwnPage = unless(
    unread,
    q.firing('AnthropicWorkEnvironmentNotVisible'),
    q.firing('AnthropicWorkApiAuthFailing'),
  );
  return because(
    'The page goes on for the last of its environments that cannot be read.',
    `${by('count', CONNECTION, withoutOwnPage)}\nand on (${CONNECTION}) ${q.firing(name)}`,
  );
}
