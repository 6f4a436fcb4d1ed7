import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { chunked, identityStream } from '../../../src/server/http/send-blocks.ts';

const blocks = fc.array(fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)));

it('chunks hold every byte in order, and none is empty or above the size', () => {
  fc.assert(
    fc.property(blocks, fc.integer({ min: 1, max: 64 }), (parts, size) => {
      const chunks = [...chunked(parts, size)];
      expect(Buffer.concat(chunks)).toEqual(Buffer.concat(parts));
      expect(chunks.every((chunk) => chunk.length > 0 && chunk.length <= size)).toBe(true);
    }),
  );
});

it('small blocks are joined', () => {
  const lines = Array.from({ length: 1000 }, (_, index) => Buffer.from(`line ${index}\n`));
  expect([...chunked(lines)]).toHaveLength(1);
});

it('a stream carries the same bytes, empty or large', async () => {
  const large = Array.from({ length: 3 }, (_, index) => Buffer.alloc(200_000, `${index}abc`));
  for (const parts of [[], [Buffer.from('one\n')], large]) {
    expect(await buffer(identityStream(parts))).toEqual(Buffer.concat(parts));
  }
});
