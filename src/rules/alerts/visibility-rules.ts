import { FAILURE_REASONS } from '../../domain/failure.ts';
import type { MakeAlert } from '../parts/alert.ts';
import { counted, NAME, WHO } from '../parts/annotation.ts';
import { and, because, by, CONNECTION, ENVIRONMENT, or, PROCESS, type Queries, unless } from '../parts/queries.ts';
import { heldWhileFlapping, heldWhileUnwatched, lastsOrFires, READ_PAGES, watched } from '../parts/quiet.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';
import { apiKeyRefused, blindSeries, limited } from '../series/blind-series.ts';
import {
  besideConnectionCause,
  besideManyKnown,
  besideManyPerhaps,
  connectionPaged,
  heldForTheLast,
} from '../series/connection-cause.ts';
import { failing, NOTHING_THERE, OWN_REASONS, REFUSED } from '../series/failure-series.ts';
import {
  BLIND,
  MOSTLY,
  NOT_LIMITED,
  OTHERS,
  UNSEEN,
  WHICH,
  WHICH_REFUSED,
  WHICH_UNREADABLE,
  WHY,
} from './visibility-texts.ts';

/** Reasons why a read fails that have nothing to do with keys or ids. */
const TOLD_BY_NO_KEY = FAILURE_REASONS.filter((reason) => !OWN_REASONS.includes(reason));

/** Whether the exporter sees what it is configured to watch; while it does not, every queue alert is silent. */
export function visibilityRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const environmentsRead = q.recorded(RECORDED.environmentsRead);
  const environmentsRefused = q.recorded(RECORDED.environmentsRefused);
  const notVisible = q.recorded(RECORDED.notVisible);
  const there = unless(notVisible, failing(q, 'stats', NOTHING_THERE));
  const unseen = unless(notVisible, failing(q, 'stats', OWN_REASONS));
  const count = (expr: string) => by('count', CONNECTION, expr);
  const refusedLately = q.recorded(RECORDED.namedFailures, { operation: 'stats', reason: REFUSED });
  const byNoKey = failing(q, 'stats', TOLD_BY_NO_KEY);
  const otherwise = `(${unless(byNoKey, refusedLately)})`;
  // What cannot be read yet a moment after keys were replaced is no outage.
  const quiet = `unless on (${CONNECTION}) ${environmentsRefused}\nunless on (${CONNECTION}) ${q.paged(['AnthropicWorkCredentialRejected'], '4m')}`;
  // Keys of single environments are refused, and more than those cannot be read.
  const besideRefused = count(unless(there, refusedLately));
  // Or those keys were refused, that was a quarter of an hour ago, and reads still fail.
  const otherwiseNow = by('group', CONNECTION, and(notVisible, byNoKey));
  const enough = `> on (${CONNECTION}) clamp_max(clamp_min(0.5 * ${environmentsRead}, 1), 2)`;
  const upList = by('max', ENVIRONMENT, q.over('max', 'anthropic_work_up', '5m', { operation: 'list' }));
  // The ticket about the rate limit of a connection covers all of them.
  const limitedLists = q.increase('anthropic_work_api_request_failures_total', '15m', {
    operation: 'list',
    reason: 'rate_limited',
  });
  const ticket = `${q.recorded(RECORDED.environmentInfo)}\nand on (${CONNECTION}) ${q.fired(['AnthropicWorkApiRateLimited'], 'warning', '15m')}`;
  const toldLimited = and(`${limitedLists} > 0`, `(${ticket})`);
  // An outage in which 429s follow other failures is told already.
  const toldUnseen = `last_over_time(${q.range(q.firing('AnthropicWorkEnvironmentNotVisible'), '1m')} offset ${q.duration('5m')})`;
  const untoldLimit = or(
    `${by('group', CONNECTION, unless(notVisible, toldUnseen))}\nunless on (${CONNECTION}) ${q.firing('AnthropicWorkApiUnreachable')}`,
    q.firing('AnthropicWorkApiRateLimited'),
  );
  const up = (window: '2m' | '10m') => q.over('max', 'anthropic_work_up', window, { operation: 'stats' });
  return [
    watched(q),
    ...blindSeries(q),
    alert('AnthropicWorkCredentialRejected', 'critical', {
      expr: or(
        environmentsRefused,
        heldForTheLast(q, 'AnthropicWorkCredentialRejected', and(notVisible, failing(q, 'stats', REFUSED))),
        heldWhileFlapping(q, 'AnthropicWorkCredentialRejected', CONNECTION),
      ),
      // Before the pages that it explains.
      for: '1m',
      keepFiringFor: '2m',
      summary: `Key refused: ${BLIND}`,
      description: `The API answers 401 or 403 to the exporter. ${WHICH_REFUSED}${OTHERS} It is the API key of the connection, or, where each environment is read with its own key, those keys: give the exporter valid ones.`,
    }),
    alert('AnthropicWorkApiRateLimited', 'critical', {
      expr: or(
        because(
          'The rate limit is why they cannot be read, and no other page tells of it.',
          `${count(limited(q))}\nand on (${CONNECTION}) (${untoldLimit})`,
        ),
        // Where 429s come first, and then other failures, it is one outage.
        heldForTheLast(q, 'AnthropicWorkApiRateLimited', unseen),
        heldWhileFlapping(q, 'AnthropicWorkApiRateLimited', CONNECTION),
      ),
      for: '30s',
      keepFiringFor: '2m',
      summary: `API rate limit: ${BLIND}`,
      description: `The API has answered 429 for too long, or asks for a pause of minutes. ${WHICH}${NOT_LIMITED} Find who uses up the limit of the organization, or lower \`requests_per_minute\`.`,
    }),
    alert('AnthropicWorkApiUnreachable', 'critical', {
      expr:
        `(\n${or(
          `(${or(
            because(
              'More than half of those that should be read, or three, but never just one.',
              `${count(there)} ${enough}`,
            ),
            because(
              'If the API knows none of them, the address is wrong: a whole fleet is not deleted at once.',
              `${count(notVisible)} >= on (${CONNECTION}) clamp_min(${environmentsRead}, 2)`,
            ),
          )})\n${quiet}`,
          because(
            'Keys of some environments are refused, and more than those cannot be read.',
            `${besideRefused} ${enough}\nand on (${CONNECTION}) (${or(environmentsRefused, otherwiseNow)})`,
          ),
          heldForTheLast(q, 'AnthropicWorkApiUnreachable', unseen),
          heldWhileFlapping(q, 'AnthropicWorkApiUnreachable', CONNECTION),
        )}\n)\nunless on (${CONNECTION}) ${apiKeyRefused(q)}` +
        `\nunless on (${CONNECTION}) ${q.paged(['AnthropicWorkApiRateLimited'], '2m')}`,
      for: '1m',
      // An outage that returns after two minutes is the same.
      keepFiringFor: '2m',
      summary: `API not readable: ${BLIND}`,
      description: `${WHICH_UNREADABLE} ${WHY}`,
    }),
    connectionPaged(q),
    alert('AnthropicWorkEnvironmentNotVisible', 'critical', {
      // Three minutes in all: after an outage the exporter asks again only some minutes later, and until then it sees
      // nothing, either.
      expr: or(
        besideConnectionCause(
          q,
          besideManyKnown(
            q,
            besideManyPerhaps(
              q,
              and(unseen, lastsOrFires(q, RECORDED.notVisible, '2m', 'AnthropicWorkEnvironmentNotVisible')),
              'AnthropicWorkEnvironmentNotVisible',
              `${count(unless(q.recorded(RECORDED.perhapsNotVisible), refusedLately))} ${enough}`,
            ),
            'AnthropicWorkEnvironmentNotVisible',
            `${besideRefused} ${enough}`,
          ),
          {
            name: 'AnthropicWorkEnvironmentNotVisible',
            otherwise,
            refusedBefore: `last_over_time(${q.range(refusedLately, '30m')})`,
          },
        ),
        heldWhileFlapping(q, 'AnthropicWorkEnvironmentNotVisible', ENVIRONMENT),
      ),
      for: '1m',
      keepFiringFor: '1m',
      summary: `${NAME}: unseen ${UNSEEN}`,
      description: `The exporter cannot read environment ${WHO}, so its queue alerts stay as they were.${MOSTLY} Look at the failures in the exporter's log and ask the API yourself.`,
    }),
    alert('AnthropicWorkDiscoveryFailing', 'critical', {
      // Five minutes in all. An exporter that is restarted while it cannot read what it watches does not page again.
      expr: or(
        `${q.recorded(RECORDED.undiscovered)}\nand on (${CONNECTION}) ${lastsOrFires(q, RECORDED.undiscovered, '4m', 'AnthropicWorkDiscoveryFailing')}\nunless on (${CONNECTION}) (${q.over('max', 'anthropic_work_discovery_up', '4m')} == 1)\nunless on (${CONNECTION}) ${q.paged(READ_PAGES, '6m')}`,
        heldWhileUnwatched(q, 'AnthropicWorkDiscoveryFailing', CONNECTION, q.recorded(RECORDED.seenUnwatched)),
      ),
      for: '1m',
      keepFiringFor: '2m',
      summary: 'Nothing is watched on connection {{ $labels.connection }}: discovery fails',
      description:
        'The exporter knows no environment of connection {{ $labels.connection }}, because it cannot ask the API for them. Most often its API key is refused: look at its log and give it a valid key.',
    }),
    alert('AnthropicWorkItemsNotVisible', 'warning', {
      expr: unless(`(${upList} == 0)`, failing(q, 'list', OWN_REASONS), notVisible, `(${toldLimited})`),
      for: '10m',
      keepFiringFor: '2m',
      summary: `${NAME}: the item list cannot be read`,
      description: `Every read of the item list of environment ${WHO} fails: the alerts about heartbeats, leases and stuck items are off. Look at the failures in the exporter's log.`,
    }),
    alert('AnthropicWorkListNotConfigured', 'info', {
      expr: `${by('max', ENVIRONMENT, q.last('anthropic_work_list_attempted'))} == 0`,
      for: '15m',
      summary: `${NAME}: no credential for the item list`,
      description: `No credential can read the item list of environment ${WHO}: the alerts about heartbeats, leases and stuck items are off. Give the exporter its environment key.`,
    }),
    alert('AnthropicWorkReplicaBlind', 'warning', {
      // One that is gone, or down, fails on nothing any more, and has an alert of its own.
      expr: `${by('count', PROCESS, and(`(${up('10m')} == 0)`, `(${up('2m')} == 1)`))}\nand on (${PROCESS}) (max_over_time(${q.range(q.foreign('up'), '2m')}) == 1)`,
      for: '5m',
      keepFiringFor: '2m',
      summary: `Exporter {{ $labels.instance }} fails on ${counted('environment')} that another replica reads`,
      description:
        'It is this instance of the exporter, its network or its keys; the other replica still watches everything. Look at the failures in the log of this instance.',
    }),
  ];
}
