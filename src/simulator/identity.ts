import { createHash } from 'node:crypto';
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
