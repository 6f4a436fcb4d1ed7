import type { AlertName } from '../parts/alert-names.ts';
import type { Duration } from '../parts/durations.ts';
import { and, because, by, CONNECTION, or, type Queries, unless } from '../parts/queries.ts';
import { CONNECTION_CAUSES } from '../parts/quiet.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';

/** Connections that have their own page, or had one a moment ago, and which. Recorded below those pages. */
export function connectionPaged(q: Queries): Rule {
  const pages = q.paged(CONNECTION_CAUSES, '6m');
  return { record: RECORDED.connectionPaged, expr: by('group', `${CONNECTION}, alertname`, pages) };
}

/**
 * Excludes environments of such a connection, except those that already have this page: it goes on, muted.
 *
 * @param coming connections whose page still waits for its `for`: a page about one environment that fired first, and
 * was muted before anybody heard of it, would be sent when the page about the connection is over
 * @param otherwise environments that fail for a reason other than a refused key: a page about keys does not cover them
 * @param refusedBefore environments with refused keys. When an outage follows, the refusals are forgotten one
 * environment after the other: the page about keys covers them until it ends
 * @param alone whether the only environment of a connection is excluded only while that page fires, since there is no
 * other one that could be read again meanwhile
 */
export function besideConnectionCause(
  q: Queries,
  expr: string,
  {
    name,
    coming,
    otherwise,
    refusedBefore,
    alone = false,
  }: {
    readonly name: AlertName;
    readonly coming?: string;
    readonly otherwise?: string;
    readonly refusedBefore?: string;
    readonly alone?: boolean;
  },
): string {
  const paged = (where: { readonly alertname?: readonly AlertName[] } = {}) => {
    const pages = q.recorded(RECORDED.connectionPaged, where);
    return `${q.recorded(RECORDED.notVisible)}\nand on (${CONNECTION}) ${coming === undefined ? pages : `(${or(pages, coming)})`}`;
  };
  const other = paged({ alertname: ['AnthropicWorkApiUnreachable', 'AnthropicWorkApiRateLimited'] });
  const keys = `${q.recorded(RECORDED.notVisible)}\nand on (${CONNECTION}) ${q.firing('AnthropicWorkCredentialRejected')}`;
  const reasons = [
    because('An outage or a limit covers every reason.', other),
    ...(refusedBefore === undefined
      ? []
      : [because('Keys were refused, and an outage has followed.', and(keys, refusedBefore))]),
  ];
  const asThat = (reason: string) => because('It fails for the same reason.', unless(paged(), reason));
  const told = otherwise === undefined ? paged() : `(${or(asThat(otherwise), ...reasons)})`;
  const ended = `${q.recorded(RECORDED.notVisible)}\nand on (${CONNECTION}) (${q.recorded(RECORDED.environmentsRead)} == 1)\nunless on (${CONNECTION}) ${q.paged(CONNECTION_CAUSES, '30s')}`;
  const explained = unless(told, q.firing(name), ...(alone ? [`(${ended})`] : []));
  return unless(`(${expr})`, `(${because('A page about the connection tells of it.', explained)})`);
}

/**
 * Excludes environments whose connection will perhaps have a page: others of it that are read less often fail, too, and
 * are not yet known to be unread. For five minutes, which is longer than that takes where reads are a minute apart.
 *
 * @param many connections of which so many fail that a page about all of them would begin
 */
export function besideManyPerhaps(q: Queries, expr: string, name: AlertName, many: string): string {
  const perhaps = blindBeside(q, many, { name, since: '5m' });
  return unless(`(${expr})`, `(${because('A page about the connection may be about to come.', perhaps)})`);
}

/**
 * Excludes environments whose connection will have a page in a moment. For eight minutes, three more than above: a
 * Prometheus that was restarted begins with that page's `for` again, and writes no `ALERTS` in its first two evaluations.
 *
 * @param many connections of which so many are known to be unread
 */
export function besideManyKnown(q: Queries, expr: string, name: AlertName, many: string): string {
  const told = blindBeside(q, many, { name, since: '8m' });
  return unless(
    `(${expr})`,
    `(${because('A page about the connection waits, or fires and is not recorded yet.', told)})`,
  );
}

/** Environments of such connections, but those that have their page and those that were already unread that long ago. */
function blindBeside(
  q: Queries,
  connections: string,
  { name, since }: { readonly name: AlertName; readonly since: Duration },
): string {
  const notVisible = q.recorded(RECORDED.notVisible);
  const then = `last_over_time(${q.range(notVisible, '1m')} offset ${q.duration(since)})`;
  return unless(`${notVisible}\nand on (${CONNECTION}) (${connections})`, q.firing(name), then);
}

/** Excludes environments of such a connection. */
export function afterConnectionCause(q: Queries, expr: string): string {
  return `(${expr})\nunless on (${CONNECTION}) ${q.recorded(RECORDED.connectionPaged)}`;
}

/**
 * Keeps a page about a connection firing for the last of its unreadable environments, when the others are read again or
 * were removed from the configuration: a page about that one alone would come minutes later. An environment with its
 * own page keeps that.
 */
export function heldForTheLast(q: Queries, name: AlertName, unseen: string): string {
  const untold = unless(
    unseen,
    q.firing('AnthropicWorkEnvironmentNotVisible'),
    q.firing('AnthropicWorkApiAuthFailing'),
  );
  return because(
    'The page goes on for the last of its environments that cannot be read.',
    `${by('count', CONNECTION, untold)}\nand on (${CONNECTION}) ${q.firing(name)}`,
  );
}
