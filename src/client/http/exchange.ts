import type { Clock } from '../../base/clock.ts';
import type { ApiOperation } from '../../domain/environment.ts';
import { AnswerReceiver, type Received } from './answer-receiver.ts';
import { BodyError } from './body-error.ts';
import type { Deadlines } from './deadlines.ts';
import type { KeptConnections } from './kept-connections.ts';
import { classifyNetworkError, type NetworkFailure, notConnected } from './network-failure.ts';
import { readBlocks } from './read-blocks.ts';
import { compressionOf, decompressed } from './read-body.ts';
import type { ResponseHeaders } from './response-headers.ts';

export interface ExchangeDeps {
  readonly connections: KeptConnections;
  readonly clock: Clock;
  readonly origin: string;
  /** The variable that names the proxy on the way to the origin; null: there is none. */
  readonly proxy: string | null;
  /** For the whole exchange: connecting, sending, headers and body. */
  readonly timeoutMs: number;
  readonly deadlines: Pick<Deadlines, 'begin'>;
  /** For any answer, as configured. */
  readonly maxResponseBytes: number;
}

export interface ExchangeRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
  /** For this kind of answer. */
  readonly mostBytes: number;
}

/** An answer with its body; times are monotonic. */
export interface Answer {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** Or why the body cannot be used. */
  readonly body: Buffer | BodyError;
  readonly sentAt: number;
  readonly headersAt: number;
}

export type Exchange = { readonly answer: Answer } | { readonly failed: NetworkFailure };

/** Only the envelope of an error's body is needed. */
const MOST_ERROR_BYTES = 65_536;

/** The caller that called off knows why; nobody sees this error. */
const CALLED_OFF = new Error('called off');

/**
 * One GET and its answer, within the deadline. This is the only place that sends anything, and GET is the only method.
 *
 * @param use takes the outcome, and may look at the body only until it returns: its memory is used again afterwards
 * @throws the signal's reason when the caller aborts; every other outcome is a value
 */
export async function exchange<T>(
  deps: ExchangeDeps,
  request: ExchangeRequest,
  use: (result: Exchange) => T,
): Promise<T> {
  const { connections, clock, origin, proxy, timeoutMs, deadlines } = deps;
  const { path, headers, signal } = request;
  signal?.throwIfAborted();
  const mostBytes = Math.min(request.mostBytes, deps.maxResponseBytes);
  const receiver = new AnswerReceiver({ clock, mostBytes, mostErrorBytes: MOST_ERROR_BYTES });
  let late = false;
  const cancelDeadline = deadlines.begin(() => {
    late = true;
    receiver.callOff(CALLED_OFF);
  });
  const onAbort = () => receiver.callOff(CALLED_OFF);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const sentAt = clock.monotonic();
    const received = await connections.send({ origin, path, method: 'GET', headers }, receiver, sentAt);
    if ('status' in received) {
      const encoding = compressionOf(received.headers);
      const body = encoding === null ? received.body : await bodyOf(received, { encoding, mostBytes });
      try {
        return use({ answer: { ...received, body, sentAt } });
      } finally {
        if (!(received.body instanceof BodyError)) readBlocks.giveBack(received.body);
      }
    }
    signal?.throwIfAborted();
    if (late) return use({ failed: receiver.hadConnection ? timedOut(timeoutMs) : notConnected(timeoutMs, proxy) });
    const failed = classifyNetworkError(received.error, proxy);
    // A connection lost in the middle of an answer is not the closed connection that a retry is for.
    return use({ failed: received.begun ? { ...failed, connectionLost: false } : failed });
  } finally {
    cancelDeadline();
    signal?.removeEventListener('abort', onAbort);
  }
}

async function bodyOf(
  { status, body }: Received,
  { encoding, mostBytes }: { readonly encoding: string; readonly mostBytes: number },
): Promise<Buffer | BodyError> {
  if (body instanceof BodyError) return body;
  try {
    const isSuccess = status >= 200 && status < 300;
    return await decompressed(body, encoding, isSuccess ? mostBytes : Math.min(MOST_ERROR_BYTES, mostBytes));
  } catch (error) {
    if (error instanceof BodyError) return error;
    throw error;
  }
}

function timedOut(timeoutMs: number): NetworkFailure {
  return {
    reason: 'timeout',
    what: `no complete answer within ${timeoutMs / 1000} s`,
    remedy: 'The API or a proxy in between is slow: the exporter tries again by itself; if it lasts, raise timeout.',
    connectionLost: false,
  };
}

const KIB = 1024;

/**
 * The most bytes of an answer, by what it answers; `max_response_bytes` limits them all:
 * docs/design/answers.md#answers-that-are-too-large.
 */
const MOST: Readonly<Partial<Record<ApiOperation, number>>> = {
  stats: 64 * KIB,
  retrieve: 1024 * KIB,
  // Includes the instructions and tools of its agent, which may be long.
  session: 1024 * KIB,
};

/** Infinity: `max_response_bytes` alone limits it. */
export function mostBytesOf(operation: ApiOperation): number {
  return MOST[operation] ?? Number.POSITIVE_INFINITY;
}
