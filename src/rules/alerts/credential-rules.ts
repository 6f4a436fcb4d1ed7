import type { FailureReason } from '../../domain/failure.ts';
import type { MakeAlert } from '../parts/alert.ts';
import type { AlertName } from '../parts/alert-names.ts';
import { ENVIRONMENT_NAME, NAME_AND_ID } from '../parts/annotation.ts';
import { heldWhileFlapping } from '../parts/held-pages.ts';
import { and, because, by, CONNECTION, CREDENTIAL, ENVIRONMENT, or, PROCESS, type Queries } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';
import { unlessConnectionPageCovers, unlessConnectionPaged, unlessManyMayFail } from '../series/connection-cause.ts';
import { failingReads, REFUSED_REASONS, refusedKeys } from '../series/failure-series.ts';
import { exporterTime } from '../series/read-series.ts';
import { withoutKey } from '../series/unread-environments.ts';

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
  const environmentInfo = q.recorded(RECORDED.environmentInfo);
  const notVisible = q.recorded(RECORDED.notVisible);
  // A page has said it already, and the ticket would come when that page is over. One about an environment tells of its
  // key, or of the API key, and of no other.
  const connectionPagedLately = q.paged(KEY_PAGES, '15m');
  const environmentPagedLately = q.paged(['AnthropicWorkApiAuthFailing'], '15m');
  const itsEnvironmentKey = `label_replace(${environmentPagedLately}, "credential", "$1", "environment_id", "(.+)")`;
  const itsApiKey = `label_replace(${environmentPagedLately}, "credential", "api_key", "environment_id", ".+")`;
  const mayBeRefused = and(
    q.recorded(RECORDED.perhapsNotVisible),
    q.recorded(RECORDED.namedFailures, { operation: 'stats', reason: REFUSED_REASONS }),
  );
  // The page about keys asks for one that is refused, too.
  const manyMayBeRefused = `${by('count', CONNECTION, mayBeRefused)} > 1\nand on (${CONNECTION}) (${q.last('anthropic_work_credential_rejected')} == 1)`;
  const expiry = by(
    'min',
    CREDENTIAL,
    `${q.last('anthropic_work_credential_expiry_timestamp_seconds')} - on (${PROCESS}) group_left () ${exporterTime(q)}`,
  );
  const answered = (reason: FailureReason) => and(environmentInfo, q.recorded(RECORDED.readsFailing, { reason }));
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
    alert('AnthropicWorkApiAuthFailing', 'critical', {
      expr: or(
        unlessConnectionPageCovers(
          q,
          unlessManyMayFail(
            q,
            and(notVisible, failingReads(q, 'stats', REFUSED_REASONS)),
            'AnthropicWorkApiAuthFailing',
            manyMayBeRefused,
          ),
          {
            name: 'AnthropicWorkApiAuthFailing',
            pendingConnections: q.recorded(RECORDED.environmentsRefused),
            soleOnlyWhileFiring: true,
          },
        ),
        because(
          'Exporter and workers use the same key: if it is refused for one, it is refused for all, and nobody polls.',
          and(
            environmentInfo,
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
        heldWhileFlapping(q, 'AnthropicWorkApiAuthFailing', ENVIRONMENT),
      ),
      for: '90s',
      // A key that is refused again and again is one page.
      keepFiringFor: '3m',
      summary: `${ENVIRONMENT_NAME}: the API refuses the ${whichKey('API key', 'environment key')}`,
      description: `The API answers 401 or 403 for environment ${NAME_AND_ID}: it refuses the ${whichKey(
        'API key of connection {{ $labels.connection }}, with which the exporter reads it. Give the exporter a valid one.',
        'environment key, which the workers may share: then nobody takes its work. Replace the key where it is used.',
      )}`,
    }),
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
    alert('AnthropicWorkCredentialRejected', 'warning', {
      expr: `${by('group', CREDENTIAL, refusedKeys(q))}\nunless on (${CONNECTION}) ${connectionPagedLately}\nunless on (${CREDENTIAL}) ${itsEnvironmentKey}\nunless on (${CREDENTIAL}) ${itsApiKey}`,
      for: '6m',
      keepFiringFor: '2m',
      summary: 'Credential {{ $labels.credential }} of connection {{ $labels.connection }} refused',
      description:
        'The API answers 401 or 403 to this credential of the exporter. Reads go on only where another credential may be used, and without the API key discovery finds no new environments. Replace this one, and check whether workers use it, too.',
    }),
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
