import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ReadBlocks } from '../../../src/client/http/read-blocks.ts';

type Step =
  | { readonly does: 'read'; readonly connection: number; readonly bytes: number; readonly ends: boolean }
  /** The end comes as a copy, after the bytes before it: the connection still reads where it did. */
  | { readonly does: 'end later'; readonly connection: number }
  | { readonly does: 'give back'; readonly answer: number };

const connection = fc.nat(3);
const bytes = fc.integer({ min: 1, max: 70_000 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ does: fc.constant('read' as const), connection, bytes, ends: fc.boolean() }),
  fc.record({ does: fc.constant('end later' as const), connection }),
  fc.record({ does: fc.constant('give back' as const), answer: fc.nat(5) }),
);

it('no connection reads into what another reads into, or what is still in use', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 50, maxLength: 100 }), (steps) => {
      const blocks = new ReadBlocks();
      const connections = Array.from({ length: 4 }, () => ({ place: blocks.first(), pieces: [] as Buffer[] }));
      const inUse: Buffer[][] = [];
      const end = (one: (typeof connections)[number]) => {
        const last = one.pieces.at(-1);
        if (last === undefined) return;
        blocks.lend(last);
        inUse.push(one.pieces);
        one.pieces = [];
      };
      for (const taken of steps) {
        if (taken.does === 'read') {
          const one = connections[taken.connection]!;
          const arrived = Math.min(taken.bytes, one.place.length);
          blocks.arrive(one.place);
          one.pieces.push(one.place.subarray(0, arrived));
          if (taken.ends) end(one);
          one.place = blocks.after(one.place, arrived);
        } else if (taken.does === 'end later') {
          end(connections[taken.connection]!);
        } else {
          const [answer] = inUse.splice(taken.answer, 1);
          if (answer !== undefined) blocks.giveBack(answer.at(-1)!);
        }
        const areas = [...connections.flatMap(({ place, pieces }) => [place, ...pieces]), ...inUse.flat()];
        expect(overlapping(areas)).toEqual([]);
      }
    }),
  );
});

it('a block that was given back is used again, once, and no other memory is', () => {
  const blocks = new ReadBlocks();
  const first = blocks.first();
  blocks.arrive(first);
  blocks.lend(first);
  blocks.after(first, 20);
  blocks.giveBack(first.subarray(10, 20));
  blocks.giveBack(first);
  blocks.lend(Buffer.alloc(100));
  blocks.giveBack(Buffer.alloc(100));
  expect(blocks.first().buffer === first.buffer).toBe(true);
  expect(blocks.first().buffer === first.buffer).toBe(false);
});

it('a block is not given back while a connection reads into it', () => {
  const blocks = new ReadBlocks();
  const first = blocks.first();
  blocks.giveBack(first);
  expect(blocks.first().buffer === first.buffer).toBe(false);
});

function overlapping(areas: readonly Buffer[]): unknown[] {
  const sorted = areas.toSorted((a, b) => a.byteOffset - b.byteOffset);
  return sorted.filter((area, index) =>
    sorted
      .slice(0, index)
      .some((other) => other.buffer === area.buffer && area.byteOffset < other.byteOffset + other.length),
  );
}
