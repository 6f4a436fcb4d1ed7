import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ReadBlocks } from '../../../src/client/http/read-blocks.ts';

type Step =
  | { readonly does: 'read'; readonly connection: number; readonly bytes: number }
  | { readonly does: 'end'; readonly connection: number }
  | { readonly does: 'give back'; readonly answer: number };

const connection = fc.nat(3);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ does: fc.constant('read' as const), connection, bytes: fc.integer({ min: 1, max: 70_000 }) }),
  fc.record({ does: fc.constant('end' as const), connection }),
  fc.record({ does: fc.constant('give back' as const), answer: fc.nat(5) }),
);

it('no connection reads into what another reads into, or what is still in use', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const blocks = new ReadBlocks();
      const connections = Array.from({ length: 4 }, () => ({ place: blocks.first(), pieces: [] as Buffer[] }));
      const inUse: Buffer[][] = [];
      for (const taken of steps) {
        if (taken.does === 'read') {
          const one = connections[taken.connection]!;
          const bytes = Math.min(taken.bytes, one.place.length);
          one.pieces.push(one.place.subarray(0, bytes));
          one.place = blocks.after(one.place, bytes);
        } else if (taken.does === 'end') {
          const one = connections[taken.connection]!;
          const last = one.pieces.at(-1);
          if (last === undefined) continue;
          // As in a program: the answer ends with its last piece, before the next place is asked for.
          blocks.lend(last);
          inUse.push(one.pieces);
          one.place = blocks.after(last, last.length);
          one.pieces = [];
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
  blocks.lend(first);
  blocks.giveBack(first.subarray(10, 20));
  blocks.giveBack(first);
  blocks.lend(Buffer.alloc(100));
  blocks.giveBack(Buffer.alloc(100));
  expect(blocks.first().buffer).toBe(first.buffer);
  expect(blocks.first().buffer).not.toBe(first.buffer);
});

it('a block is not given back while a connection reads into it', () => {
  const blocks = new ReadBlocks();
  const first = blocks.first();
  blocks.giveBack(first);
  expect(blocks.first().buffer).not.toBe(first.buffer);
});

function overlapping(areas: readonly Buffer[]): unknown[] {
  const sorted = areas.toSorted((a, b) => a.byteOffset - b.byteOffset);
  return sorted.filter((area, index) =>
    sorted
      .slice(0, index)
      .some((other) => other.buffer === area.buffer && area.byteOffset < other.byteOffset + other.length),
  );
}
