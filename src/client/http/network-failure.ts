import { systemErrorCode } from '../../base/errors.ts';
import type { FailureReason } from '../../domain/failure.ts';
import { NETWORK_ERRORS, NO_ROUTE, REACH, SILENT } from './network-errors.ts';

/** What went wrong below HTTP, in words. */
export interface NetworkFailure {
  readonly reason: FailureReason;
  /** Ends the sentence `Reading … failed: `. */
  readonly what: string;
  readonly remedy: string;
  /** The connection ended; if no byte of the answer had arrived, one retry makes sense. */
  readonly connectionLost: boolean;
}

/** Of an answer that is longer than any can be. */
export function endlessAnswer(): Error {
  return Object.assign(new Error('the answer does not come to an end'), { code: 'ENDLESS_ANSWER' });
}

/** As of a machine without IPv6, for the IPv6 addresses of a host: the others say what is wrong. */
function mostTelling(codes: readonly string[]): string {
  return codes.find((code) => !NO_ROUTE.test(code)) ?? codes[0]!;
}

/**
 * Of a request whose time ended before it had a connection, as where a firewall drops what is sent: the API is not slow.
 * `proxy`: the variable that names the one in use.
 */
export function notConnected(timeoutMs: number, proxy: string | null): NetworkFailure {
  return {
    reason: 'timeout',
    what: `no connection within ${timeoutMs / 1000} s`,
    remedy: proxy === null ? SILENT : silentBehind(proxy),
    connectionLost: false,
  };
}

/** The proxy is silent, or what is behind it: where a tunnel has been made, only the API can be. */
function silentBehind(proxy: string): string {
  return `The proxy of ${proxy} does not answer, or does not reach the API: check ${proxy}, NO_PROXY, what the proxy allows, and the network policy.`;
}

/** Anything that undici or Node throws during a request, as a failure. `proxy`: the variable that names the one in use. */
export function classifyNetworkError(error: unknown, proxy: string | null = null): NetworkFailure {
  const code = codeOf(error);
  const rule = NETWORK_ERRORS.find(({ codes }) => codes.test(code));
  if (rule === undefined) {
    const remedy = `The exporter tries again by itself; if it lasts, ${REACH}`;
    return { reason: 'network', what: `the request failed (${code})`, remedy, connectionLost: false };
  }
  const { reason, what, remedy, connectionLost = false, isUnreached = false } = rule;
  if (reason === 'timeout' && proxy !== null)
    return { reason, what: `${what} (${code})`, remedy: silentBehind(proxy), connectionLost };
  // Only the variable: the page and the log need not show where a proxy is.
  if (isUnreached && proxy !== null)
    return {
      reason,
      what: `the proxy of ${proxy} cannot be reached: ${what} (${code})`,
      remedy: `Check the host and port in ${proxy}, and the network policy; NO_PROXY names what needs no proxy.`,
      connectionLost,
    };
  return { reason, what: `${what} (${code})`, remedy, connectionLost };
}

/** The most specific code: for a host with several addresses, Node throws an AggregateError with one error for each. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return mostTelling(error.errors.map(codeOf));
  const code = systemErrorCode(error);
  if (code !== null && code !== 'UND_ERR') return code;
  // undici's parser always names its error, but does not always give a code.
  if (error instanceof Error && error.name === 'HTTPParserError') return 'HPE_INVALID';
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? 'unknown' : codeOf(cause);
}
