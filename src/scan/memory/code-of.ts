import { randomBytes } from 'node:crypto';

/** Random in each process, so that nobody can construct other texts with the same code. */
const SEED = randomBytes(8);
const [SEED_A, SEED_B] = [SEED.readInt32LE(0), SEED.readInt32LE(4)];

/**
 * A number of 53 bits that stands for an id or a cursor wherever it is only asked whether two are the same. It takes 8 bytes
 * in an array, where the API may use hundreds for the text. Among 100,000 texts, the chance that any two have the same code
 * is one in two million.
 */
export function codeOf(text: string): number {
  let [a, b] = [SEED_A, SEED_B];
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    a = Math.imul(a ^ unit, 0x9e3779b1);
    b = Math.imul(b ^ unit, 0x5f356495);
    a ^= b >>> 15;
    b ^= a >>> 13;
  }
  a = Math.imul(a ^ (b >>> 16), 0x85ebca6b);
  b = Math.imul(b ^ (a >>> 13), 0xc2b2ae35);
  return ((b ^ (b >>> 16)) >>> 11) * 2 ** 32 + ((a ^ (a >>> 15)) >>> 0);
}
