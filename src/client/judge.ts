import type { EpochMs } from '../base/clock.ts';
import { NO_ENVELOPE, parseErrorEnvelope } from '../wire/other-answers.ts';
import type { ProviderPreset } from '../wire/presets.ts';
import { WireError } from '../wire/read.ts';
import type { Call } from './call.ts';
import type { UsedCredential } from './credentials.ts';
import { ApiError } from './failure/api-error.ts';
import { classifyAnswer } from './failure/classify.ts';
import { describeRequest } from './failure/describe-request.ts';
import type { FailedRequest } from './failure/failed-request.ts';
import { shownOrigin, shownRequestId, shownType } from './failure/shown-parts.ts';
import { BodyError } from './http/body-error.ts';
import { CACHED_REMEDY, staleAnswer } from './http/cached-answer.ts';
import type { Answer, Exchange } from './http/exchange.ts';
import { parseBody } from './http/read-body.ts';
import { headerText } from './http/response-headers.ts';
import { retryAfterMs, shouldRetryHeader } from './http/retry-after.ts';
import type { FailedAttempt } from './retry.ts';

/** The outcome of an attempt. */
export type Judged<T> =
  | { readonly ok: true; readonly value: T; readonly httpStatus: number; readonly requestId: string | null }
  | ({ readonly ok: false; readonly error: ApiError } & FailedAttempt);

export interface JudgeContext {
  readonly preset: ProviderPreset;
  readonly use: UsedCredential;
  readonly now: EpochMs;
  /** How old an answer from a cache may be. */
  readonly maxAgeMs: number;
}

/** For an attempt whose answer said nothing about a retry. */
const NOTHING_SAID = { fromCache: false, shouldRetry: null, retryAfterMs: null } as const;

/**
 * Turns an exchange into a value or an `ApiError`. Nothing of a body but its `error.type` gets into the error.
 */
export function judge<T>(call: Call<T>, result: Exchange, context: JudgeContext): Judged<T> {
  if ('failed' in result) {
    const { reason, what, remedy, connectionLost } = result.failed;
    const message = `${describeRequest(call)} failed: ${what}`;
    const error = new ApiError({ reason, httpStatus: null, requestId: null, message, remedy });
    return { ok: false, error, ...NOTHING_SAID, httpStatus: null, connectionLost };
  }
  const { answer } = result;
  return answer.status === 200 ? judgeSuccess(call, answer, context) : judgeFailure(call, answer, context);
}

function judgeSuccess<T>(call: Call<T>, answer: Answer, { use, maxAgeMs }: JudgeContext): Judged<T> {
  const requestId = shownRequestId(headerText(answer.headers, 'request-id'), use.secret.reveal());
  const bad = (problem: string, remedy: string, tooMuch = false) => {
    const message = `${describeRequest(call)} was answered with 200 and ${problem}`;
    const failure = { reason: 'bad_response', httpStatus: answer.status, requestId, message, remedy } as const;
    return failed(new ApiError(failure, { tooMuch }));
  };
  const stale = staleAnswer(answer.headers, maxAgeMs);
  if (stale !== null) return { ...bad(stale, CACHED_REMEDY), fromCache: true };
  try {
    const { body, headers } = answer;
    if (body instanceof BodyError) throw body;
    const parse = () => call.parse(parseBody(body, headers));
    const value = call.recall === undefined ? parse() : call.recall(body, parse);
    return { ok: true, value, httpStatus: answer.status, requestId };
  } catch (error) {
    if (!(error instanceof BodyError || error instanceof WireError)) throw error;
    if (error instanceof BodyError) return bad(error.problem, BAD_BODY_REMEDY, error.tooMuch);
    return bad(`an unexpected body: ${error.message}`, error.remedy ?? BAD_BODY_REMEDY);
  }
}

const BAD_BODY_REMEDY =
  'Check that base_url and provider name a Work API, and what proxies in between do; max_response_bytes bounds an answer.';

function judgeFailure<T>(call: Call<T>, answer: Answer, { use, now, preset }: JudgeContext): Judged<T> {
  const { envelope, isPage } = whatItSays(answer);
  const { status, headers } = answer;
  const key = use.secret.reveal();
  const { operation, environmentId, byCursor } = call;
  const failure = classifyAnswer(
    {
      preset,
      operation,
      environmentId,
      byCursor,
      credential: use.kind,
      credentialSource: use.secret.source,
      status,
      envelope,
      isPage,
    },
    {
      requestId: shownRequestId(headerText(headers, 'request-id'), key),
      type: shownType(envelope.type, key),
      redirectTo: status >= 300 && status < 400 ? shownOrigin(headerText(headers, 'location'), key) : null,
    },
  );
  const options = {
    retryAfterMs: retryAfterMs(headers, now),
    shouldRetry: shouldRetryHeader(headers),
  };
  return failed(new ApiError(failure, options));
}

function failed(error: ApiError): { ok: false; error: ApiError } & FailedAttempt {
  const { retryAfterMs: wait, shouldRetry, failure } = error;
  const { httpStatus } = failure;
  return { ok: false, error, ...NOTHING_SAID, httpStatus, connectionLost: false, shouldRetry, retryAfterMs: wait };
}

function whatItSays({ body, headers }: Answer): Pick<FailedRequest, 'envelope' | 'isPage'> {
  if (body instanceof BodyError) return { envelope: NO_ENVELOPE, isPage: false };
  try {
    return { envelope: parseErrorEnvelope(parseBody(body, headers)), isPage: false };
  } catch (error) {
    return { envelope: NO_ENVELOPE, isPage: error instanceof BodyError && error.isPage };
  }
}
