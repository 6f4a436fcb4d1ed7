import { createHash } from 'node:crypto';

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
 * added shard therefore takes a share from every other one, and nothing moves between those. Shards of different versions
 * must agree, so the scores never change.
 */
export function shardOf(environmentId: string, count: number): number {
  const scores = Array.from({ length: count }, (_, index) =>
    createHash('sha256').update(`${index} ${environmentId}`).digest().readUIntBE(0, 6),
  );
  return scores.indexOf(Math.max(...scores));
}

/** Whether a shard watches an environment. */
export function isInShard({ index, count }: Shard, environmentId: string): boolean {
  return count === 1 || shardOf(environmentId, count) === index;
}

/** What is appended to the path of a file of which each shard has its own. */
export function shardSuffix({ index, count }: Shard): string {
  return count > 1 ? `.${index}` : '';
}

/** A shard's part of a whole number; the parts of all shards are whole numbers and add up to it. */
export function shardShare(whole: number, { index, count }: Shard): number {
  return Math.floor((whole * (index + 1)) / count) - Math.floor((whole * index) / count);
}
