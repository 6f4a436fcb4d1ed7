import type { Dispatcher } from 'undici';
import type { Clock } from '../base/clock.ts';
import { classifyNetworkError, type NetworkFailure } from './network-failure.ts';
import { BodyError, readBody } from './read-body.ts';
import type { ResponseHeaders } from './retry-after.ts';

export interface ExchangeDeps {
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly origin: string;
  /** Of the whole exchange: connecting, sending, headers and body. */
  readonly timeoutMs: number;
  /** Of any answer, as configured. */
  readonly maxResponseBytes: number;
}

export interface ExchangeRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
  /** Of this kind of answer. */
  readonly mostBytes: number;
}

/** An answer with its body; times on the monotonic clock. */
export interface Answer {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** Or why there is none that can be used. */
  readonly body: Buffer | BodyError;
  readonly sentAt: number;
  readonly headersAt: number;
}

export type Exchange = { readonly answer: Answer } | { readonly failed: NetworkFailure };

/** Of an error's body only the envelope is wanted. */
const MOST_ERROR_BYTES = 65_536;

/**
 * One GET and its answer, within the deadline. This is the only place that sends anything, and GET the only method.
 *
 * @throws the reason of the caller's signal when that aborts; all else is a value
 */
export async function exchange(deps: ExchangeDeps, request: ExchangeRequest): Promise<Exchange> {
  const { dispatcher, clock, origin, timeoutMs } = deps;
  const { signal } = request;
  signal?.throwIfAborted();
  const controller = new AbortController();
  let late = false;
  let begun = false;
  const cancelDeadline = clock.setTimer(timeoutMs, () => {
    late = true;
    controller.abort();
  });
  const onAbort = () => controller.abort();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const sentAt = clock.monotonic();
    const { path, headers, mostBytes } = request;
    const response = await dispatcher.request({ origin, path, method: 'GET', headers, signal: controller.signal });
    const headersAt = clock.monotonic();
    begun = true;
    const body = await bodyOf(response, Math.min(mostBytes, deps.maxResponseBytes));
    return { answer: { status: response.statusCode, headers: response.headers, body, sentAt, headersAt } };
  } catch (error) {
    signal?.throwIfAborted();
    if (late) return { failed: timedOut(timeoutMs) };
    const failed = classifyNetworkError(error);
    // Lost in the middle of an answer is not the closed connection that a retry is for.
    return { failed: begun ? { ...failed, connectionLost: false } : failed };
  } finally {
    cancelDeadline();
    signal?.removeEventListener('abort', onAbort);
  }
}

async function bodyOf(response: Dispatcher.ResponseData, mostBytes: number): Promise<Buffer | BodyError> {
  const isSuccess = response.statusCode >= 200 && response.statusCode < 300;
  const most = isSuccess ? mostBytes : Math.min(MOST_ERROR_BYTES, mostBytes);
  try {
    return await readBody(response.body, response.headers, most);
  } catch (error) {
    if (error instanceof BodyError) return error;
    // The status of an error says enough without its body; a success without its body is none.
    if (!isSuccess) return new BodyError('a body that broke off');
    throw error;
  }
}

function timedOut(timeoutMs: number): NetworkFailure {
  return {
    reason: 'timeout',
    what: `no whole answer within ${timeoutMs / 1000} s`,
    remedy: 'The API or a proxy in between is slow: the exporter tries again by itself; if it lasts, raise timeout.',
    connectionLost: false,
  };
}
