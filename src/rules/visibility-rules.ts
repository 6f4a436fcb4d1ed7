import type { MakeAlert } from './alert.ts';
import { counted, NAME, namesIn, WHO } from './annotation.ts';
import {
  blindSeries,
  failing,
  limitedConnections,
  NOT_LIMITED,
  NOTHING_THERE,
  REFUSED,
  rateLimited,
} from './blind-series.ts';
import { and, by, CONNECTION, ENVIRONMENT, or, type Queries, unless } from './queries.ts';
import { afterConnectionCause, heldWhileFlapping } from './quiet.ts';
import { RECORDED } from './recorded.ts';
import type { Rule } from './rule.ts';

const BLIND_NAMES = namesIn(RECORDED.blind, CONNECTION);

/** Whether the exporter sees what it is configured to watch; while it does not, every queue alert is silent. */
export function visibilityRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const read = q.recorded(RECORDED.read);
  const blind = q.recorded(RECORDED.blind);
  const there = unless(blind, failing(q, 'stats', NOTHING_THERE));
  const count = (expr: string) => by('count', CONNECTION, expr);
  const rejected = by('max', CONNECTION, q.last('anthropic_work_credential_rejected'));
  // A key may be refused for other reads alone, such as the list of environments, while these fail for their own reason.
  const refused = `${count(and(blind, failing(q, 'stats', REFUSED)))} > 1\nand on (${CONNECTION}) (${rejected} == 1)`;
  const upList = by('max', ENVIRONMENT, q.over('max', 'anthropic_work_up', '5m', { operation: 'list' }));
  const readBySomebody = by('max', ENVIRONMENT, q.over('max', 'anthropic_work_up', '2m', { operation: 'stats' }));
  return [
    ...blindSeries(q),
    alert('AnthropicWorkCredentialRejected', 'critical', {
      expr: or(refused, heldWhileFlapping(q, 'AnthropicWorkCredentialRejected', CONNECTION)),
      // Sooner than the pages that it explains.
      for: '1m',
      keep: '2m',
      summary: `Key refused: ${counted('environment')} of connection {{ $labels.connection }} unseen`,
      description: `The API answers 401 or 403 to the exporter, and these environments of connection {{ $labels.connection }} cannot be read: ${BLIND_NAMES}. It is the API key of the connection, or, where each environment is read with its own key, those keys: give the exporter valid ones.`,
    }),
    alert('AnthropicWorkApiRateLimited', 'critical', {
      expr: or(
        `${count(or(and(blind, rateLimited(q)), unless(`${blind}\nand on (${CONNECTION}) ${limitedConnections(q)}`, failing(q, 'stats', NOT_LIMITED))))} > 0`,
        heldWhileFlapping(q, 'AnthropicWorkApiRateLimited', CONNECTION),
      ),
      for: '30s',
      keep: '2m',
      summary: `API rate limit: ${counted('environment')} of connection {{ $labels.connection }} unseen`,
      description: `The API answers 429 for so long that these environments cannot be read any more: ${BLIND_NAMES}. Find who uses up the limit of the organization, or lower \`requests_per_minute\`.`,
    }),
    alert('AnthropicWorkApiUnreachable', 'critical', {
      // If the API knows none of them, the address is wrong: a whole fleet is not deleted at once.
      expr:
        `(\n${or(
          `${count(there)} >= 3`,
          `${count(there)} > 1\nand on (${CONNECTION}) ${count(there)} > on (${CONNECTION}) 0.5 * ${read}`,
          `${count(blind)} > 1\nand on (${CONNECTION}) ${count(blind)} == on (${CONNECTION}) ${read}`,
          heldWhileFlapping(q, 'AnthropicWorkApiUnreachable', CONNECTION),
        )}\n)\nunless on (${CONNECTION}) (${refused})` +
        `\nunless on (${CONNECTION}) ${q.paged(['AnthropicWorkApiRateLimited'], '2m')}`,
      for: '1m',
      keep: '1m',
      summary: `API not readable: ${counted('environment')} of connection {{ $labels.connection }} unseen`,
      description: `These environments of connection {{ $labels.connection }} cannot be read: ${BLIND_NAMES}. It is the API or the network between it and the exporter, not the workers; their queue alerts stay as they were. Look at the failures in the exporter's log, and ask the API yourself.`,
    }),
    alert('AnthropicWorkEnvironmentNotVisible', 'critical', {
      expr: or(
        afterConnectionCause(q, unless(there, failing(q, 'stats', REFUSED))),
        heldWhileFlapping(q, 'AnthropicWorkEnvironmentNotVisible', ENVIRONMENT),
      ),
      // After an outage the exporter asks again some minutes later, and that is not seeing, either.
      for: '3m',
      keep: '1m',
      summary: `${NAME}: unseen for at least five poll intervals`,
      description: `The exporter cannot read environment ${WHO}, so its queue alerts stay as they were. Look at the failures in the exporter's log and ask the API yourself.`,
    }),
    alert('AnthropicWorkItemsNotVisible', 'warning', {
      expr: unless(`(${upList} == 0)`, failing(q, 'list', REFUSED), failing(q, 'list', NOTHING_THERE), blind),
      for: '10m',
      keep: '2m',
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
      expr: by(
        'count',
        'job, instance',
        and(`(${q.over('max', 'anthropic_work_up', '10m', { operation: 'stats' })} == 0)`, `(${readBySomebody} == 1)`),
      ),
      for: '5m',
      keep: '2m',
      summary: `Exporter {{ $labels.instance }} fails on ${counted('environment')} that another replica reads`,
      description:
        'It is this instance of the exporter, its network or its keys; the other replica still watches everything. Look at the failures in the log of this instance.',
    }),
  ];
}
