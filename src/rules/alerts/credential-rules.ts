import type { FailureReason } from '../../domain/failure.ts';
import type { MakeAlert } from '../parts/alert.ts';
import type { AlertName } from '../parts/alert-names.ts';
import { ENVIRONMENT_NAME, NAME_AND_ID } from '../parts/annotation.ts';
import { heldWhileFlapping } from '../parts/held-pages.ts';
import { and, because, by, CONNECTION, CREDENTIAL, ENVIRONMENT, or, PROCESS, type Queries } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { AlertingRule, Rule } from '../parts/rule.ts';
import { unlessConnectionPageCovers, unlessConnectionPaged, unlessManyMayFail } from '../series/connection-cause.ts';
import { failingReads, REFUSED_REASONS, refusedKeys } from '../series/failure-series.ts';
import { exporterTime } from '../series/read-series.ts';
import { perConnection, refusedLately, withoutKey } from '../series/unread-environments.ts';

/** Pages that name the refused keys of a connection. */
const KEY_PAGES: readonly AlertName[] = ['AnthropicWorkCredentialRejected', 'AnthropicWorkDiscoveryFailing'];
const FORTNIGHT_SECONDS = 14 * 86_400;

/** One of two texts: the API key is refused for the stats of the environment, or its own key is. */
function whichKey(apiKey: string, environmentKey: string): string {
  const rejected = "max(anthropic_work_credential_rejected{job=%q,connection=%q,credential='api_key'} == 1)";
  const refused = `max(${RECORDED.readsFailing}{job=%q,environment_id=%q,operation='stats',reason=~'${REFUSED_REASONS.join('|')}'})`;
  return `{{ with printf \`${rejected} and ${refused}\` $labels.job $labels.connection $labels.job $labels.environment_id | query }}${apiKey}{{ else }}${environmentKey}{{ end }}`;
}

/** Keys that are refused or about to expire, and ids that do not exist. Uses what the visibility rules record. */
export function credentialRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const expiry = by(
    'min',
    CREDENTIAL,
    `${q.last('anthropic_work_credential_expiry_timestamp_seconds')} - on (${PROCESS}) group_left () ${exporterTime(q)}`,
  );
  return [
    apiAuthFailing(q, alert),
    ...misconfiguredRules(q, alert),
    credentialRejected(q, alert),
    alert('AnthropicWorkCredentialExpiring', 'warning', {
      expr: `${expiry} < ${q.seconds(FORTNIGHT_SECONDS)}`,
      for: '15m',
      summary:
        'Credential {{ $labels.credential }} of connection {{ $labels.connection }} expires in {{ $value | printf `%.0f` | humanizeDuration }}',
      description:
        'Create a new key, give it to the exporter and to the workers that share it, then revoke the old one.',
    }),
  ];
}

/** The page about one environment whose key is refused, for the exporter or for its workers. */
function apiAuthFailing(q: Queries, alert: MakeAlert): AlertingRule {
  const name: AlertName = 'AnthropicWorkApiAuthFailing';
  const refused = and(q.recorded(RECORDED.notVisible), failingReads(q, 'stats', REFUSED_REASONS));
  const mayBeRefused = and(q.recorded(RECORDED.perhapsNotVisible), refusedLately(q));
  // The page about keys asks for one that is refused, too.
  const manyMayBeRefused = `${perConnection(mayBeRefused)} > 1\nand on (${CONNECTION}) (${q.last('anthropic_work_credential_rejected')} == 1)`;
  return alert(name, 'critical', {
    expr: or(
      unlessConnectionPageCovers(q, unlessManyMayFail(q, refused, name, manyMayBeRefused), {
        name,
        pendingConnections: q.recorded(RECORDED.environmentsRefused),
        soleOnlyWhileFiring: true,
      }),
      because(
        'Exporter and workers use the same key: if it is refused for one, it is refused for all, and nobody polls.',
        and(
          q.recorded(RECORDED.environmentInfo),
          failingReads(q, 'list', REFUSED_REASONS),
          q.recorded(RECORDED.unpolled),
          `(${or(
            q.recorded(RECORDED.nobodyPolls),
            because(
              'The count of workers may be unknown: then a head that stands shows it.',
              and(q.recorded(RECORDED.late), q.recorded(RECORDED.headStands)),
            ),
          )})`,
        ),
      ),
      heldWhileFlapping(q, name, ENVIRONMENT),
    ),
    for: '90s',
    // A key that is refused again and again is one page.
    keepFiringFor: '3m',
    summary: `${ENVIRONMENT_NAME}: the API refuses the ${whichKey('API key', 'environment key')}`,
    description: `The API answers 401 or 403 for environment ${NAME_AND_ID}: it refuses the ${whichKey(
      'API key of connection {{ $labels.connection }}, with which the exporter reads it. Give the exporter a valid one.',
      'environment key, which the workers may share: then nobody takes its work. Replace the key where it is used.',
    )}`,
  });
}

/** Environments of which nothing can be read, with any key, until the configuration is changed. */
function misconfiguredRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const answered = (reason: FailureReason) =>
    and(q.recorded(RECORDED.environmentInfo), q.recorded(RECORDED.readsFailing, { reason }));
  const misconfigured = (reason: string, expr: string, title: string, sentence: string) =>
    alert('AnthropicWorkEnvironmentMisconfigured', 'warning', {
      expr,
      for: '5m',
      keepFiringFor: '2m',
      labels: { reason },
      summary: `${ENVIRONMENT_NAME}: ${title}`,
      description: sentence,
    });
  return [
    misconfigured(
      'not_found',
      // If the API knows none of a connection, its page says that the address is wrong.
      unlessConnectionPaged(q, answered('not_found')),
      'deleted at the API, or a wrong id',
      `The API does not know environment ${NAME_AND_ID}: it was deleted there and is still in the configuration, or its id is wrong. Take it out of the configuration, or correct the id.`,
    ),
    misconfigured(
      'not_self_hosted',
      answered('not_self_hosted'),
      'not a self-hosted environment',
      `The API answers for environment ${NAME_AND_ID} as for a cloud environment: it has no work queue to watch. Take it out of the configuration, or correct the id.`,
    ),
    misconfigured(
      'no_key',
      withoutKey(q),
      'no key, so nothing is read',
      `No key of the exporter can read environment ${NAME_AND_ID}, so no alert watches its queue. Give the exporter a key for it, or leave it out with \`discovery.exclude\`.`,
    ),
  ];
}

/** The ticket about a key that is refused and of which no page tells: that page has said it, and the ticket would come after it. */
function credentialRejected(q: Queries, alert: MakeAlert): AlertingRule {
  const connectionPaged = q.paged(KEY_PAGES, '15m');
  // A page about one environment tells of its key, or of the API key, and of no other.
  const environmentPaged = q.paged(['AnthropicWorkApiAuthFailing'], '15m');
  const itsEnvironmentKey = `label_replace(${environmentPaged}, "credential", "$1", "environment_id", "(.+)")`;
  const itsApiKey = `label_replace(${environmentPaged}, "credential", "api_key", "environment_id", ".+")`;
  return alert('AnthropicWorkCredentialRejected', 'warning', {
    expr: `${by('group', CREDENTIAL, refusedKeys(q))}\nunless on (${CONNECTION}) ${connectionPaged}\nunless on (${CREDENTIAL}) ${itsEnvironmentKey}\nunless on (${CREDENTIAL}) ${itsApiKey}`,
    for: '6m',
    keepFiringFor: '2m',
    summary: 'Credential {{ $labels.credential }} of connection {{ $labels.connection }} refused',
    description:
      'The API answers 401 or 403 to this credential of the exporter. Reads go on only where another credential may be used, and without the API key discovery finds no new environments. Replace this one, and check whether workers use it, too.',
  });
}
