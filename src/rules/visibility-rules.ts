import type { MakeAlert } from './alert.ts';
import { counted, NAME, namesIn, namesOf, WHO, withEnvironment } from './annotation.ts';
import { blindSeries, failing, limited, NOTHING_THERE, OWN_REASONS, REFUSED } from './blind-series.ts';
import { and, by, CONNECTION, ENVIRONMENT, or, PROCESS, type Queries, unless } from './queries.ts';
import {
  besideConnectionCause,
  connectionPaged,
  heldForTheLast,
  heldWhileFlapping,
  heldWhileUnwatched,
  READ_PAGES,
  watched,
} from './quiet.ts';
import { RECORDED } from './recorded.ts';
import type { Rule } from './rule.ts';

// An exporter that was restarted in an outage may not know its environments, and one that is gone shows none.
const BLIND = `{{ if $value }}${counted('environment')}{{ else }}all environments{{ end }} of connection {{ $labels.connection }} unseen`;
const NOBODY_KNOWS =
  'No environment of connection {{ $labels.connection }} can be read, and nothing tells their names: the exporter is gone, or was restarted and cannot learn them.';
const which = (names: string) =>
  `{{ if $value }}These environments of connection {{ $labels.connection }} cannot be read: ${names}.{{ else }}${NOBODY_KNOWS}{{ end }}`;
const WHICH = which(namesIn(RECORDED.blind, CONNECTION, RECORDED.flapping));
const PLACE = ['$labels.job', '$labels.connection'];
const HERE = '{job=%q,connection=%q}';
const UNREAD_NOW = `${RECORDED.failing}{job=%q,operation='stats'`;
const REFUSED_NOW = `${UNREAD_NOW},reason=~'${REFUSED.join('|')}'}`;
/** Those whose key is refused, or, where none is at the moment, those that are read now and then. */
const WHICH_REFUSED = which(
  namesOf(
    `${RECORDED.blind}${HERE} and on (${ENVIRONMENT}) ${REFUSED_NOW} or on (${CONNECTION}) ${RECORDED.flapping}${HERE} or on (${CONNECTION}) ${RECORDED.blind}${HERE}`,
    [...PLACE, '$labels.job', ...PLACE, ...PLACE],
  ),
);
const OTHERS = `{{ with printf \`count(${RECORDED.blind}${HERE} unless on (${ENVIRONMENT}) ${REFUSED_NOW}) and on () ${RECORDED.refused}${HERE}\` $labels.job $labels.connection $labels.job $labels.job $labels.connection | query }} {{ . | first | value | printf \`%.0f\` }} more cannot be read for another reason.{{ end }}`;
const UNKNOWN = `${UNREAD_NOW},reason=~'${NOTHING_THERE.join('|')}'}`;
const UNSEEN_HERE = `${RECORDED.blind}${HERE}`;
/** Why none can be read: the API says that there is none of them, or nobody can tell. */
const WHY = `{{ with printf \`count(${UNSEEN_HERE} and on (${ENVIRONMENT}) ${UNKNOWN}) == count(${UNSEEN_HERE})\` $labels.job $labels.connection $labels.job $labels.job $labels.connection | query }}The API answers that it knows none of them: \`base_url\`, the ids or the workspace of the key are wrong, or all of them were deleted. Correct the configuration, or take them out of it.{{ else }}It is the API or the network between it and the exporter, not the workers; their queue alerts stay as they were. Look at the failures in the exporter's log, and ask the API yourself.{{ end }}`;
const NOT_LIMITED = `{{ with printf \`count(${UNSEEN_HERE} and on (${ENVIRONMENT}) ${UNREAD_NOW},reason!='rate_limited'})\` $labels.job $labels.connection $labels.job | query }} Reads fail for other reasons, too: look at the failures in the exporter's log.{{ end }}`;
/** How long one environment has not been read; one that was read a moment ago is read now and then. */
const UNSEEN = withEnvironment(
  `min(${RECORDED.statsAge}{job=%q,environment_id=%q})`,
  '{{ if gt (. | first | value) 60.0 }}for {{ . | first | value | printf `%.0f` | humanizeDuration }}{{ else }}again and again{{ end }}',
  'for at least five poll intervals',
);

/** Whether the exporter sees what it is configured to watch; while it does not, every queue alert is silent. */
export function visibilityRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const read = q.recorded(RECORDED.read);
  const refused = q.recorded(RECORDED.refused);
  const blind = q.recorded(RECORDED.blind);
  const there = unless(blind, failing(q, 'stats', NOTHING_THERE));
  const unseen = unless(blind, failing(q, 'stats', OWN_REASONS));
  const count = (expr: string) => by('count', CONNECTION, expr);
  const upList = by('max', ENVIRONMENT, q.over('max', 'anthropic_work_up', '5m', { operation: 'list' }));
  // The ticket about the rate limit says it for all of them.
  const limitedLists = q.increase('anthropic_work_api_request_failures_total', '15m', {
    operation: 'list',
    reason: 'rate_limited',
  });
  const toldLimited = `${limitedLists} > 0\nand on (job) ${q.fired(['AnthropicWorkApiRateLimited'], 'warning', '15m')}`;
  // An outage in which 429s follow other failures is told already.
  const toldUnseen = `last_over_time(${q.range(q.firing('AnthropicWorkEnvironmentNotVisible'), '1m')} offset ${q.duration('5m')})`;
  const untoldLimit = or(
    `${by('group', CONNECTION, unless(blind, toldUnseen))}\nunless on (${CONNECTION}) ${q.firing('AnthropicWorkApiUnreachable')}`,
    q.firing('AnthropicWorkApiRateLimited'),
  );
  const up = (window: '2m' | '10m') => q.over('max', 'anthropic_work_up', window, { operation: 'stats' });
  return [
    watched(q),
    ...blindSeries(q),
    alert('AnthropicWorkCredentialRejected', 'critical', {
      expr: or(
        refused,
        heldForTheLast(q, 'AnthropicWorkCredentialRejected', and(blind, failing(q, 'stats', REFUSED))),
        heldWhileFlapping(q, 'AnthropicWorkCredentialRejected', CONNECTION),
      ),
      // Sooner than the pages that it explains.
      for: '1m',
      keep: '2m',
      summary: `Key refused: ${BLIND}`,
      description: `The API answers 401 or 403 to the exporter. ${WHICH_REFUSED}${OTHERS} It is the API key of the connection, or, where each environment is read with its own key, those keys: give the exporter valid ones.`,
    }),
    alert('AnthropicWorkApiRateLimited', 'critical', {
      expr: or(
        `${count(limited(q))}\nand on (${CONNECTION}) (${untoldLimit})`,
        // Where 429s come first, and then other failures, it is one outage.
        heldForTheLast(q, 'AnthropicWorkApiRateLimited', unseen),
        heldWhileFlapping(q, 'AnthropicWorkApiRateLimited', CONNECTION),
      ),
      for: '30s',
      keep: '2m',
      summary: `API rate limit: ${BLIND}`,
      description: `The API has answered 429 for too long, or asks for a pause of minutes. ${WHICH}${NOT_LIMITED} Find who uses up the limit of the organization, or lower \`requests_per_minute\`.`,
    }),
    alert('AnthropicWorkApiUnreachable', 'critical', {
      // More than half of those that are read, or three, but not one alone. If the API knows none of them, the address is
      // wrong: a whole fleet is not deleted at once.
      expr:
        `(\n${or(
          `${count(there)} > on (${CONNECTION}) clamp_max(clamp_min(0.5 * ${read}, 1), 2)`,
          `${count(blind)} >= on (${CONNECTION}) clamp_min(${read}, 2)`,
          heldForTheLast(q, 'AnthropicWorkApiUnreachable', unseen),
          heldWhileFlapping(q, 'AnthropicWorkApiUnreachable', CONNECTION),
        )}\n)\nunless on (${CONNECTION}) ${refused}` +
        `\nunless on (${CONNECTION}) ${q.paged(['AnthropicWorkApiRateLimited'], '2m')}`,
      for: '1m',
      // An outage that returns after two minutes is the same.
      keep: '2m',
      summary: `API not readable: ${BLIND}`,
      description: `${WHICH} ${WHY}`,
    }),
    connectionPaged(q),
    alert('AnthropicWorkEnvironmentNotVisible', 'critical', {
      expr: or(
        besideConnectionCause(q, unseen, 'AnthropicWorkEnvironmentNotVisible'),
        heldWhileFlapping(q, 'AnthropicWorkEnvironmentNotVisible', ENVIRONMENT),
      ),
      // After an outage the exporter asks again some minutes later, and that is not seeing, either.
      for: '3m',
      keep: '1m',
      summary: `${NAME}: unseen ${UNSEEN}`,
      description: `The exporter cannot read environment ${WHO}, so its queue alerts stay as they were. Look at the failures in the exporter's log and ask the API yourself.`,
    }),
    alert('AnthropicWorkDiscoveryFailing', 'critical', {
      // Not told again of an exporter that was restarted while it could not read what it watched.
      expr: or(
        `${q.recorded(RECORDED.undiscovered)}\nunless on (${CONNECTION}) ${q.paged(READ_PAGES, '6m')}`,
        heldWhileUnwatched(q, 'AnthropicWorkDiscoveryFailing', CONNECTION),
      ),
      for: '5m',
      keep: '2m',
      summary: 'Nothing is watched on connection {{ $labels.connection }}: discovery fails',
      description:
        'The exporter knows no environment of connection {{ $labels.connection }}, because it cannot ask the API for them. Most often its API key is refused: look at its log and give it a valid key.',
    }),
    alert('AnthropicWorkItemsNotVisible', 'warning', {
      expr: unless(`(${upList} == 0)`, failing(q, 'list', OWN_REASONS), blind, `(${toldLimited})`),
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
      expr: by('count', PROCESS, and(`(${up('10m')} == 0)`, `(${up('2m')} == 1)`)),
      for: '5m',
      keep: '2m',
      summary: `Exporter {{ $labels.instance }} fails on ${counted('environment')} that another replica reads`,
      description:
        'It is this instance of the exporter, its network or its keys; the other replica still watches everything. Look at the failures in the log of this instance.',
    }),
  ];
}
