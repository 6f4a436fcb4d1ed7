import type { Operation } from '../domain/environment.ts';
import type { FailureReason } from '../domain/failure.ts';
import { type MakeAlert, WHO } from './alert.ts';
import { and, by, CONNECTION, ENVIRONMENT, type Queries } from './queries.ts';
import { RECORDED } from './recorded.ts';
import type { Rule } from './rule.ts';

const REFUSED: readonly FailureReason[] = ['unauthorized', 'forbidden'];
const WRONG_KIND: readonly FailureReason[] = ['not_self_hosted', 'not_found'];
const CREDENTIAL = `${CONNECTION}, credential`;
const FORTNIGHT_SECONDS = 14 * 86_400;

/** Keys that are refused or about to be, and ids that name nothing. Reads what the visibility rules record. */
export function credentialRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const info = q.recorded(RECORDED.info);
  // More than one: a single 401 while a key is rotated, followed by an outage, is no refusal. `increase` extrapolates
  // a single event to at most 1.1 over 15 minutes.
  const failures = (reasons: readonly FailureReason[], where: { operation?: Operation } = {}) =>
    `(${by('max', ENVIRONMENT, q.increase('anthropic_work_api_request_failures_total', '15m', { ...where, reason: reasons }))} > 1.5)`;
  const down = (where: { operation?: Operation } = {}) =>
    `(${by('max', ENVIRONMENT, q.last('anthropic_work_up', where))} == 0)`;
  const expiry = by('min', CREDENTIAL, q.last('anthropic_work_credential_expiry_timestamp_seconds'));
  return [
    alert('AnthropicWorkApiAuthFailing', 'critical', {
      // As late as EnvironmentNotVisible, which it explains, and later than ApiUnreachable, which mutes it: a revoked
      // key with two hundred environments is one page.
      expr: and(q.recorded(RECORDED.blind), failures(REFUSED, { operation: 'stats' })),
      for: '2m',
      keep: '5m',
      description: `The API answers 401 or 403 to the stats reads of environment ${WHO}: its queue alerts are blind.`,
    }),
    alert('AnthropicWorkApiAuthFailing', 'warning', {
      expr: and(info, failures(REFUSED, { operation: 'list' }), down({ operation: 'list' })),
      for: '5m',
      description: `The API answers 401 or 403 to the list reads of environment ${WHO}: check its environment key.`,
    }),
    alert('AnthropicWorkEnvironmentMisconfigured', 'warning', {
      expr: and(info, failures(WRONG_KIND), down()),
      for: '5m',
      description: `The API answers for environment ${WHO} as for a cloud environment or an unknown one: check the id.`,
    }),
    alert('AnthropicWorkCredentialRejected', 'warning', {
      expr: `${by('max', CREDENTIAL, q.last('anthropic_work_credential_rejected'))} == 1`,
      for: '5m',
      keep: '5m',
      description:
        'The API refuses credential {{ $labels.credential }} of connection {{ $labels.connection }}; reads go on only where another one may be used.',
    }),
    alert('AnthropicWorkCredentialExpiring', 'warning', {
      expr: `${expiry} - time() < ${q.seconds(FORTNIGHT_SECONDS)}`,
      for: '15m',
      description:
        'Credential {{ $labels.credential }} of connection {{ $labels.connection }} expires in {{ $value | humanizeDuration }}.',
    }),
  ];
}
