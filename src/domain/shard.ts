/** The part of a fleet that one process watches: part `index`, from 0, of `count`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** `I/N`, as options, pages and metrics write it. */
export function shardText({ index, count }: Shard): string {
  return `${index}/${count}`;
}

/** Whether a process whose shard is written `I/N` watches only a part of the fleet. */
export function hasOtherShards(written: string): boolean {
  return !written.endsWith('/1');
}

/**
 * Which of `count` shards watches an environment: the one with the highest score for its id (rendezvous hashing). An
 * added shard therefore takes a share from every other one, and nothing moves between those.
 *
 * Shards of different versions must agree, so the scores never change: MurmurHash3 of the id, with the shard as seed.
 */
export function shardOf(environmentId: string, count: number): number {
  const bytes = new TextEncoder().encode(environmentId);
  let [best, highest] = [0, -1];
  for (let index = 0; index < count; index++) {
    const score = murmur3(bytes, index);
    if (score > highest) [best, highest] = [index, score];
  }
  return best;
}

/** Whether a shard watches an environment. */
export function isInShard({ index, count }: Shard, environmentId: string): boolean {
  return count === 1 || shardOf(environmentId, count) === index;
}

/** What is appended to the path of a file of which each shard has its own. */
export function shardSuffix({ index, count }: Shard): string {
  return count > 1 ? `.${index}` : '';
}

/**
 * Whether a file beside a shard's own file belongs to a process that watched the same environments under another division
 * of the fleet: for a shard that is the file of the undivided fleet, and for the undivided fleet that of any shard. Of the
 * files of other shards it cannot be told.
 *
 * @param own - the name of the shard's own file, without its folder
 */
export function isOfOtherDivision(name: string, own: string, shard: Shard): boolean {
  if (shard.count > 1) return `${name}${shardSuffix(shard)}` === own;
  return name.startsWith(`${own}.`) && /^\d+$/.test(name.slice(own.length + 1));
}

/** A shard's part of a whole number; the parts of all shards are whole numbers and add up to it. */
export function shardShare(whole: number, { index, count }: Shard): number {
  return Math.floor((whole * (index + 1)) / count) - Math.floor((whole * index) / count);
}

/** MurmurHash3, x86, 32 bits. */
export function murmur3(bytes: Uint8Array, seed: number): number {
  const tail = bytes.length & ~3;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let hash = seed;
  for (let at = 0; at < tail; at += 4) {
    hash ^= scrambled(view.getUint32(at, true));
    hash = Math.imul(rotated(hash, 13), 5) + 0xe6546b64;
  }
  let rest = 0;
  for (let at = bytes.length - 1; at >= tail; at--) rest = (rest << 8) | bytes[at]!;
  hash ^= scrambled(rest) ^ bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const rotated = (word: number, bits: number) => (word << bits) | (word >>> (32 - bits));
const scrambled = (word: number) => Math.imul(rotated(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
