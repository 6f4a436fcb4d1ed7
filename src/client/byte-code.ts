import { createCipheriv, randomBytes } from 'node:crypto';

/** New in each process, so that nobody can choose bytes that have the code of others. */
const KEY = randomBytes(16);
const NONCE = randomBytes(12);

/**
 * A code of 16 bytes, as `latin1`, by which the bytes between these starts and ends are known again. It is the
 * authentication code of AES-GCM: 60 KB take 5 µs, with SHA-256 40 µs.
 */
export function codeOf(body: Buffer, ranges: Uint32Array | readonly number[]): string {
  const cipher = createCipheriv('aes-128-gcm', KEY, NONCE);
  for (let at = 0; at < ranges.length; at += 2) cipher.setAAD(body.subarray(ranges[at], ranges[at + 1]));
  cipher.final();
  return cipher.getAuthTag().toString('latin1');
}
