import type { MakeAlert } from '../parts/alert.ts';
import { heldWhileFlapping } from '../parts/held-pages.ts';
import { and, because, by, CONNECTION, or, type Queries, unless } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { AlertingRule, Rule } from '../parts/rule.ts';
import { connectionPagedSeries, heldForTheLast } from '../series/connection-cause.ts';
import { failingReads, REFUSED_REASONS } from '../series/failure-series.ts';
import {
  besideRefused,
  connectionsWithRefusedApiKey,
  failingForOtherReasons,
  isMany,
  perConnection,
  rateLimited,
  withoutNonexistent,
  withoutOwnReason,
} from '../series/unread-environments.ts';
import {
  MORE_NOT_REFUSED,
  NOT_VISIBLE_COUNT,
  OTHER_REASONS_TOO,
  WHICH_NOT_VISIBLE,
  WHICH_REFUSED,
  WHICH_UNREADABLE,
  WHY_NOT_VISIBLE,
} from './visibility-texts.ts';

/** One page for all environments of a connection that cannot be read, by what is wrong with the connection. */
export function connectionPageRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  return [credentialRejected(q, alert), apiRateLimited(q, alert), apiUnreachable(q, alert), connectionPagedSeries(q)];
}

function credentialRejected(q: Queries, alert: MakeAlert): AlertingRule {
  const refused = and(q.recorded(RECORDED.notVisible), failingReads(q, 'stats', REFUSED_REASONS));
  return alert('AnthropicWorkCredentialRejected', 'critical', {
    expr: or(
      q.recorded(RECORDED.environmentsRefused),
      heldForTheLast(q, 'AnthropicWorkCredentialRejected', refused),
      heldWhileFlapping(q, 'AnthropicWorkCredentialRejected', CONNECTION),
    ),
    // Before the pages that it explains.
    for: '1m',
    keepFiringFor: '2m',
    summary: `Key refused: ${NOT_VISIBLE_COUNT}`,
    description: `The API answers 401 or 403 to the exporter. ${WHICH_REFUSED}${MORE_NOT_REFUSED} It is the API key of the connection, or, where each environment is read with its own key, those keys: give the exporter valid ones.`,
  });
}

function apiRateLimited(q: Queries, alert: MakeAlert): AlertingRule {
  // An outage in which 429s follow other failures is told already.
  const paged = `last_over_time(${q.range(q.firing('AnthropicWorkEnvironmentNotVisible'), '1m')} offset ${q.duration('5m')})`;
  const notYetPaged = or(
    `${by('group', CONNECTION, unless(q.recorded(RECORDED.notVisible), paged))}\nunless on (${CONNECTION}) ${q.firing('AnthropicWorkApiUnreachable')}`,
    q.firing('AnthropicWorkApiRateLimited'),
  );
  return alert('AnthropicWorkApiRateLimited', 'critical', {
    expr: or(
      because(
        'The rate limit is why they cannot be read, and no other page tells of it.',
        `${perConnection(rateLimited(q))}\nand on (${CONNECTION}) (${notYetPaged})`,
      ),
      // Where 429s come first, and then other failures, it is one outage.
      heldForTheLast(q, 'AnthropicWorkApiRateLimited', withoutOwnReason(q)),
      heldWhileFlapping(q, 'AnthropicWorkApiRateLimited', CONNECTION),
    ),
    for: '30s',
    keepFiringFor: '2m',
    summary: `API rate limit: ${NOT_VISIBLE_COUNT}`,
    description: `The API has answered 429 for too long, or asks for a pause of minutes. ${WHICH_NOT_VISIBLE}${OTHER_REASONS_TOO} Find who uses up the limit of the organization, or lower \`requests_per_minute\`.`,
  });
}

function apiUnreachable(q: Queries, alert: MakeAlert): AlertingRule {
  const notVisible = q.recorded(RECORDED.notVisible);
  const environmentsRefused = q.recorded(RECORDED.environmentsRefused);
  // What cannot be read yet a moment after keys were replaced is no outage.
  const unlessKeysRefused = `unless on (${CONNECTION}) ${environmentsRefused}\nunless on (${CONNECTION}) ${q.paged(['AnthropicWorkCredentialRejected'], '4m')}`;
  // Keys were refused a quarter of an hour ago, and reads still fail.
  const stillFailing = by('group', CONNECTION, and(notVisible, failingForOtherReasons(q)));
  return alert('AnthropicWorkApiUnreachable', 'critical', {
    expr:
      `(\n${or(
        `(${or(
          because(
            'More than half of those that should be read, or three, but never just one.',
            `${perConnection(withoutNonexistent(q))} ${isMany(q)}`,
          ),
          because(
            'If the API knows none of them, the address is wrong: a whole fleet is not deleted at once.',
            `${perConnection(notVisible)} >= on (${CONNECTION}) clamp_min(${q.recorded(RECORDED.environmentsRead)}, 2)`,
          ),
        )})\n${unlessKeysRefused}`,
        because(
          'Keys of some environments are refused, and more than those cannot be read.',
          `${perConnection(besideRefused(q))} ${isMany(q)}\nand on (${CONNECTION}) (${or(environmentsRefused, stillFailing)})`,
        ),
        heldForTheLast(q, 'AnthropicWorkApiUnreachable', withoutOwnReason(q)),
        heldWhileFlapping(q, 'AnthropicWorkApiUnreachable', CONNECTION),
      )}\n)\nunless on (${CONNECTION}) ${connectionsWithRefusedApiKey(q)}` +
      `\nunless on (${CONNECTION}) ${q.paged(['AnthropicWorkApiRateLimited'], '2m')}`,
    for: '1m',
    // An outage that returns after two minutes is the same.
    keepFiringFor: '2m',
    summary: `API not readable: ${NOT_VISIBLE_COUNT}`,
    description: `${WHICH_UNREADABLE} ${WHY_NOT_VISIBLE}`,
  });
}
