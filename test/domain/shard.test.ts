import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isInShard, shardOf, shardShare } from '../../src/domain/shard.ts';

/** Ids as services make them: counted, random, with a common start of any length. */
const FLEETS: Readonly<Record<string, (index: number) => string>> = {
  'counted ids': (index) => `env_${index}`,
  'ids with leading zeros': (index) => `env_${String(index).padStart(24, '0')}`,
  'ids that differ in front': (index) => `${index}_environment_of_the_team`,
  'ids of bare numbers': String,
  'ids of random letters': (index) => `env_${createHash('sha1').update(String(index)).digest('base64url')}`,
};
const SIZE = 4000;

const shards = (count: number) => Array.from({ length: count }, (_, index) => ({ index, count }));

describe('the shard of an environment', () => {
  it('is recorded: versions that run side by side must agree', () => {
    const ids = ['env_1', 'env_2', 'env_3', 'env_011CZkZ9example', 'a', 'Ω'];
    expect(ids.map((id) => [2, 3, 4, 10, 100].map((count) => shardOf(id, count)))).toEqual([
      [1, 2, 2, 8, 8],
      [1, 1, 1, 9, 85],
      [1, 1, 1, 7, 71],
      [1, 1, 1, 1, 38],
      [0, 0, 0, 0, 61],
      [0, 0, 3, 9, 62],
    ]);
  });

  it('is exactly one of the shards, whatever the id and their number', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 40 }), (id, count) => {
        expect(shards(count).filter((shard) => isInShard(shard, id))).toHaveLength(1);
      }),
    );
  });

  it('changes only to the new shard when there is one more', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 40 }), (id, count) => {
        const [before, after] = [shardOf(id, count), shardOf(id, count + 1)];
        expect(after === before || after === count).toBe(true);
      }),
    );
  });

  it.each(Object.entries(FLEETS))('gives every shard its share of %s', (_, idOf) => {
    for (const count of [2, 3, 4, 7, 16]) {
      const sizes = new Array<number>(count).fill(0);
      for (let index = 0; index < SIZE; index++) sizes[shardOf(idOf(index), count)]! += 1;
      const share = SIZE / count;
      // Five standard deviations of fair dice.
      const luck = 5 * Math.sqrt(share * (1 - 1 / count));
      for (const size of sizes) expect(Math.abs(size - share)).toBeLessThan(luck);
    }
  });
});

describe('the part of a number', () => {
  it('is a whole number, near the fair share, and all parts add up to the whole', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 1, max: 1000 }), (whole, count) => {
        const parts = shards(count).map((shard) => shardShare(whole, shard));
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(whole);
        for (const part of parts) expect(Math.abs(part - whole / count)).toBeLessThan(1);
      }),
    );
  });
});
