import type { ClockSample } from '../../../src/client/clock/clock-sample.ts';
import { withClockSample } from '../../../src/client/clock/clock-skew.ts';
import type { SkewEstimate } from '../../../src/client/clock/skew-estimate.ts';

export const START = Date.UTC(2026, 10, 24, 12);
let ids = 0;

export interface Exchange {
  /** Own time since the start when the request was sent. */
  readonly at: number;
  readonly skewMs: number;
  /** To the API, and back. */
  readonly outMs?: number;
  readonly backMs?: number;
  readonly wallJumpMs?: number;
  readonly requestId?: string | null;
}

/** What a request at a moment brings, and the own time when it is taken in. */
export function exchange({
  at,
  skewMs,
  outMs = 20,
  backMs = 20,
  wallJumpMs = 0,
  requestId = `req_${ids++}`,
}: Exchange) {
  const wall = START + wallJumpMs;
  const date = Math.floor((START + at + outMs + skewMs) / 1000) * 1000;
  const sentAt = wall + at;
  const headersAt = sentAt + outMs + backMs;
  const sample: ClockSample = { connection: 'default', date, sentAt, headersAt, requestId };
  return { sample, now: { wall: headersAt, monotonic: at + outMs + backMs } };
}

export function take(estimate: SkewEstimate, ...exchanges: Exchange[]): SkewEstimate {
  return exchanges.map(exchange).reduce((known, { sample, now }) => withClockSample(known, sample, now), estimate);
}

/** One request every so often, with the phase of the second wandering. */
export function series(skewMs: number, { count = 40, from = 0, everyMs = 1137 } = {}): Exchange[] {
  return Array.from({ length: count }, (_, n) => ({ at: from + n * everyMs, skewMs }));
}

export function own(monotonic: number) {
  return { wall: START + monotonic, monotonic };
}
