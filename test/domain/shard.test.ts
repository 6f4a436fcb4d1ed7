import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isInShard, isOfOtherDivision, murmur3, shardOf, shardShare } from '../../src/domain/shard.ts';

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

describe('the hash', () => {
  // Published vectors of MurmurHash3_x86_32.
  it.each([
    ['', 0, 0],
    ['', 1, 0x514e28b7],
    ['', 0xffffffff, 0x81f16f39],
    ['test', 0, 0xba6bd213],
    ['test', 0x9747b28c, 0x704b81dc],
    ['Hello, world!', 0, 0xc0363e43],
    ['Hello, world!', 0x9747b28c, 0x24884cba],
    ['The quick brown fox jumps over the lazy dog', 0x9747b28c, 0x2fa826cd],
    ['ππππππππ', 0x9747b28c, 0xd58063c1],
    ['a', 0x9747b28c, 0x7fa09ea6],
    ['aa', 0x9747b28c, 0x5d211726],
    ['aaa', 0x9747b28c, 0x283e0130],
  ])('of %j with seed %i is the published one', (text, seed, expected) => {
    expect(murmur3(new TextEncoder().encode(text), seed)).toBe(expected);
  });
});

describe('the shard of an environment', () => {
  it('is recorded: versions that run side by side must agree', () => {
    const ids = ['env_1', 'env_2', 'env_3', 'env_011CZkZ9example', 'a', 'Ω'];
    expect(ids.map((id) => [2, 3, 4, 10, 100].map((count) => shardOf(id, count)))).toEqual([
      [0, 0, 0, 0, 12],
      [0, 0, 0, 6, 77],
      [0, 2, 3, 3, 10],
      [1, 1, 1, 4, 93],
      [1, 2, 2, 7, 62],
      [0, 2, 2, 4, 19],
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

  it.each(Object.entries(FLEETS))('moves at most 1/4 + 5 %% of %s from three shards to four', (_, idOf) => {
    const ids = Array.from({ length: SIZE }, (_each, index) => idOf(index));
    const moved = ids.filter((id) => shardOf(id, 3) !== shardOf(id, 4)).length;
    expect(moved / SIZE).toBeLessThan(0.3);
    expect(moved).toBeGreaterThan(0);
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

describe('beside the state file of a shard, another division wrote', () => {
  it.each([
    ['the undivided fleet', 'state', 'state.0', '0/3', true],
    ['nobody: another shard of the same number may have', 'state.1', 'state.0', '0/3', false],
    ['nobody: a longer name', 'state.json', 'state.json.12.0', '0/3', false],
    ['a shard, where the fleet is undivided', 'state.12', 'state', '0/1', true],
    ['nobody: its own file', 'state', 'state', '0/1', false],
    ['nobody: a file that was set aside', 'state.corrupt', 'state', '0/1', false],
    ['nobody: a temporary file', 'state.0.tmp-1', 'state', '0/1', false],
    ['nobody: another program', 'other.0', 'state', '0/1', false],
  ])('%s (%s beside %s)', (_, name, own, shard, expected) => {
    const [index, count] = shard.split('/').map(Number) as [number, number];
    expect(isOfOtherDivision(name, own, { index, count })).toBe(expected);
  });
});
