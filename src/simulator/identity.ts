import { createHash } from 'node:crypto';
import type { EpochMs } from '../base/clock.ts';
import { type Random, seededRandom } from '../base/random.ts';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 24;

/** A random id in the API's format, such as `sesn_01…`. */
export function randomId(prefix: string, random: Random): string {
  let text = `${prefix}_01`;
  for (let i = 2; i < ID_LENGTH; i++) text += BASE62[Math.floor(random() * BASE62.length)];
  return text;
}

/** Milliseconds, uniformly distributed over a range of seconds. */
export function between([least, most]: readonly [number, number], random: Random): number {
  return (least + (most - least) * random()) * 1000;
}

/** Random numbers for one purpose: drawing from one stream does not affect another. */
export function randomStream(seed: number, purpose: string): Random {
  return seededRandom(Number.parseInt(digest(seed, `chance ${purpose}`).slice(0, 8), 16));
}

function digest(seed: number, purpose: string): string {
  return createHash('sha256').update(`anthropic-work-simulator ${seed} ${purpose}`).digest('hex').slice(0, 40);
}

/** The keys of a simulator: the same seed always gives the same ones, and `-sim-` marks them as worthless elsewhere. */
export function apiKeyFor(seed: number): string {
  return `sk-ant-api03-sim-${digest(seed, 'api key')}`;
}

export function environmentKeyFor(seed: number, environmentId: string): string {
  return `sk-ant-oat01-sim-${digest(seed, `environment key ${environmentId}`)}`;
}

/** The token in the secret of a polled item. */
export function sessionsTokenFor(seed: number, sessionId: string): string {
  return `sk-ant-req-sim-${digest(seed, `sessions token ${sessionId}`)}`;
}

/** The API's clock, which may be ahead of the world's, and its stamps, in microseconds. */
export class ApiStamps {
  /** Milliseconds by which the API's stamps are ahead of the world's time. */
  skewMs = 0;
  readonly #isWholeSeconds: boolean;

  constructor({ wholeSeconds }: { readonly wholeSeconds: boolean }) {
    this.#isWholeSeconds = wholeSeconds;
  }

  /** The stamp of a moment. */
  at(now: EpochMs): EpochMs {
    return toMicroseconds(now + this.skewMs);
  }

  /** The moment of a stamp, in the world's time. */
  moment(stamp: EpochMs): EpochMs {
    return stamp - this.skewMs;
  }

  /** A stamp later than the previous one, however quickly they follow, so that no two are equal. */
  after(now: EpochMs, previous: EpochMs | null): EpochMs {
    return Math.max(this.at(now), toMicroseconds((previous ?? 0) + 0.001));
  }

  /** A stamp as the API writes it, with six digits of a second or none. */
  text(stamp: EpochMs): string {
    if (this.#isWholeSeconds) return new Date(Math.round(stamp / 1000) * 1000).toISOString().replace('.000', '');
    const micros = Math.round(stamp * 1000);
    const text = new Date(Math.floor(micros / 1000)).toISOString();
    return `${text.slice(0, -1)}${String(micros % 1000).padStart(3, '0')}Z`;
  }

  textOrNull(stamp: EpochMs | null): string | null {
    return stamp === null ? null : this.text(stamp);
  }
}

function toMicroseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
