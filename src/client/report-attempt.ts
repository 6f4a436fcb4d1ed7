import type { Clock } from '../base/clock.ts';
import type { Budget } from './budget.ts';
import type { ClientObserver, SentRequest } from './client-observer.ts';
import { clockSampleOf } from './clock/clock-sample.ts';
import type { CredentialChooser, UsedCredential } from './credentials.ts';
import type { Exchange, ExchangeDeps } from './http/exchange.ts';
import type { Judged } from './judge.ts';

/** Who learns what a request has shown. */
export interface ReportDeps {
  readonly connection: string;
  readonly exchange: Pick<ExchangeDeps, 'connections'>;
  readonly budget: Budget;
  readonly chooser: CredentialChooser;
  readonly observer: ClientObserver;
  readonly clock: Clock;
}

/** Reports how a request ended to all of them. A request that was called off proves nothing and is not reported here. */
export function reportAttempt(
  deps: ReportDeps,
  judged: Judged<unknown>,
  { use, result, durationSeconds }: { use: UsedCredential; result: Exchange; durationSeconds: number },
): void {
  const { budget, chooser, observer, connection, clock } = deps;
  const { connections } = deps.exchange;
  const reason = judged.ok ? null : judged.error.failure.reason;
  const { httpStatus } = judged;
  if (httpStatus === 429) budget.answered({ retryAfterMs: judged.ok ? null : judged.retryAfterMs });
  else if (httpStatus !== null) budget.answered(null);
  if (reason === null) connections.succeeded(use);
  else connections.failed(reason, use);
  const refused = refusalOf(judged);
  if (refused !== null) chooser.refused(use, refused);
  if (judged.ok) chooser.accepted(use);
  const sent = sentRequest(deps, use);
  observer.requestEnded({ ...sent, durationSeconds, reason, httpStatus });
  if (httpStatus !== null) {
    const accepted = judged.ok || (refused !== null && isVerdict(use, refused) ? false : null);
    const isNotFound = reason === 'not_found' || reason === 'not_self_hosted';
    observer.credentialJudged({ ...sent, secret: use.secret, accepted, isNotFound });
  }
  if (!judged.ok || !('answer' in result)) return;
  const { requestId } = judged;
  // Computed now: once the own clock has been set, samples must refer to the clock that everything else reads.
  const wallAtZero = clock.now() - clock.monotonic();
  const sample = clockSampleOf(result.answer, { connection, requestId, wallAtZero });
  if (sample !== null) observer.clockSampled(sample);
}

/** The request as it is reported to the observer. */
export function sentRequest(
  { connection }: Pick<ReportDeps, 'connection'>,
  { operation, environmentId, kind }: UsedCredential,
): SentRequest {
  return { connection, environmentId, operation, credential: kind };
}

/** With which status the API refused the key, or what it was used for; null: it did not. */
export function refusalOf(judged: Judged<unknown>): 401 | 403 | null {
  const reason = judged.ok ? null : judged.error.failure.reason;
  if (reason === 'unauthorized') return 401;
  return reason === 'forbidden' ? 403 : null;
}

/** Whether a refusal proves that the key is bad. A session may be closed to a key that is good for its own work. */
function isVerdict({ operation, kind }: UsedCredential, httpStatus: 401 | 403): boolean {
  return operation !== 'session' || (kind === 'api_key' && httpStatus === 401);
}
