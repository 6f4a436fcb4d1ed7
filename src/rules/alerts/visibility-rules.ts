import type { MakeAlert } from '../parts/alert.ts';
import type { AlertName } from '../parts/alert-names.ts';
import { counted, ENVIRONMENT_NAME, NAME_AND_ID } from '../parts/annotation.ts';
import { UNREAD_PAGES } from '../parts/cause-pages.ts';
import { exporterWatchesSeries, heldWhileFlapping, heldWhileUnwatched, lastsOrFires } from '../parts/held-pages.ts';
import { and, by, CONNECTION, ENVIRONMENT, or, PROCESS, type Queries, unless } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { AlertingRule, Rule } from '../parts/rule.ts';
import { unlessConnectionPageCovers, unlessManyFail, unlessManyMayFail } from '../series/connection-cause.ts';
import { ENVIRONMENT_REASONS, failingReads } from '../series/failure-series.ts';
import {
  besideRefused,
  failingForOtherReasons,
  isMany,
  perConnection,
  refusedLately,
  withoutOwnReason,
} from '../series/unread-environments.ts';
import { visibilitySeries } from '../series/visibility-series.ts';
import { connectionPageRules } from './connection-page-rules.ts';
import { MAIN_REASON, UNREAD_FOR } from './visibility-texts.ts';

/** Whether the exporter sees what it is configured to watch; while it does not, every queue alert is silent. */
export function visibilityRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const statsUp = (window: '2m' | '10m') => q.over('max', 'anthropic_work_up', window, { operation: 'stats' });
  return [
    exporterWatchesSeries(q),
    ...visibilitySeries(q),
    ...connectionPageRules(q, alert),
    environmentNotVisible(q, alert),
    discoveryFailing(q, alert),
    itemsNotVisible(q, alert),
    alert('AnthropicWorkListNotConfigured', 'info', {
      expr: `${by('max', ENVIRONMENT, q.last('anthropic_work_list_attempted'))} == 0`,
      for: '15m',
      summary: `${ENVIRONMENT_NAME}: no credential for the item list`,
      description: `No credential can read the item list of environment ${NAME_AND_ID}: the alerts about heartbeats, leases and stuck items are off. Give the exporter its environment key.`,
    }),
    alert('AnthropicWorkReplicaBlind', 'warning', {
      // One that is gone, or down, fails on nothing any more, and has an alert of its own.
      expr: `${by('count', PROCESS, and(`(${statsUp('10m')} == 0)`, `(${statsUp('2m')} == 1)`))}\nand on (${PROCESS}) (max_over_time(${q.range(q.uncatalogued('up'), '2m')}) == 1)`,
      for: '5m',
      keepFiringFor: '2m',
      summary: `Exporter {{ $labels.instance }} fails on ${counted('environment')} that another replica reads`,
      description:
        'The cause is this instance of the exporter, its network or its keys; the other replica still watches everything. Look at the failures in the log of this instance.',
    }),
  ];
}

/** The page about one environment, unless one about its connection tells of it, or is about to. */
function environmentNotVisible(q: Queries, alert: MakeAlert): AlertingRule {
  const name: AlertName = 'AnthropicWorkEnvironmentNotVisible';
  const lasting = and(withoutOwnReason(q), lastsOrFires(q, RECORDED.notVisible, '2m', name));
  const mayFail = unless(q.recorded(RECORDED.perhapsNotVisible), refusedLately(q));
  const byItself = unlessManyFail(
    q,
    unlessManyMayFail(q, lasting, name, `${perConnection(mayFail)} ${isMany(q)}`),
    name,
    `${perConnection(besideRefused(q))} ${isMany(q)}`,
  );
  return alert(name, 'critical', {
    // Three minutes in all: after an outage the exporter asks again only some minutes later, and until then it sees
    // nothing, either.
    expr: or(
      unlessConnectionPageCovers(q, byItself, {
        name,
        otherReasons: `(${unless(failingForOtherReasons(q), refusedLately(q))})`,
        refusedBefore: `last_over_time(${q.range(refusedLately(q), '30m')})`,
      }),
      heldWhileFlapping(q, name, ENVIRONMENT),
    ),
    for: '1m',
    keepFiringFor: '1m',
    summary: `${ENVIRONMENT_NAME}: unseen ${UNREAD_FOR}`,
    description: `The exporter cannot read environment ${NAME_AND_ID}, so its queue alerts stay as they were.${MAIN_REASON} Look at the failures in the exporter's log and ask the API yourself.`,
  });
}

/** The page about a connection of which no environment is known. */
function discoveryFailing(q: Queries, alert: MakeAlert): AlertingRule {
  return alert('AnthropicWorkDiscoveryFailing', 'critical', {
    // Five minutes in all. An exporter that is restarted while it cannot read what it watches does not page again.
    expr: or(
      `${q.recorded(RECORDED.undiscovered)}\nand on (${CONNECTION}) ${lastsOrFires(q, RECORDED.undiscovered, '4m', 'AnthropicWorkDiscoveryFailing')}\nunless on (${CONNECTION}) (${q.over('max', 'anthropic_work_discovery_up', '4m')} == 1)\nunless on (${CONNECTION}) ${q.paged(UNREAD_PAGES, '6m')}`,
      heldWhileUnwatched(q, 'AnthropicWorkDiscoveryFailing', CONNECTION, q.recorded(RECORDED.seenUnwatched)),
    ),
    for: '1m',
    keepFiringFor: '2m',
    summary: 'Nothing is watched on connection {{ $labels.connection }}: discovery fails',
    description:
      'The exporter knows no environment of connection {{ $labels.connection }}, because it cannot ask the API for them. Most often its API key is refused: look at its log and give it a valid key.',
  });
}

function itemsNotVisible(q: Queries, alert: MakeAlert): AlertingRule {
  const listUp = by('max', ENVIRONMENT, q.over('max', 'anthropic_work_up', '5m', { operation: 'list' }));
  const rateLimitedLists = q.increase('anthropic_work_api_request_failures_total', '15m', {
    operation: 'list',
    reason: 'rate_limited',
  });
  // The ticket about the rate limit of a connection covers all of its lists.
  const rateLimitTicket = `${q.recorded(RECORDED.environmentInfo)}\nand on (${CONNECTION}) ${q.fired(['AnthropicWorkApiRateLimited'], 'warning', '15m')}`;
  const coveredByTicket = and(`${rateLimitedLists} > 0`, `(${rateLimitTicket})`);
  return alert('AnthropicWorkItemsNotVisible', 'warning', {
    expr: unless(
      `(${listUp} == 0)`,
      failingReads(q, 'list', ENVIRONMENT_REASONS),
      q.recorded(RECORDED.notVisible),
      `(${coveredByTicket})`,
    ),
    for: '10m',
    keepFiringFor: '2m',
    summary: `${ENVIRONMENT_NAME}: the item list cannot be read`,
    description: `Every read of the item list of environment ${NAME_AND_ID} fails: the alerts about heartbeats, leases and stuck items are off. Look at the failures in the exporter's log.`,
  });
}
