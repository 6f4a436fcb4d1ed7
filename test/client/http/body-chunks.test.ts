import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BodyChunks } from '../../../src/client/http/body-chunks.ts';
import { collectGarbage } from '../../support/collect-garbage.ts';

const KIB = 1024;

describe('BodyChunks', () => {
  it('puts together what arrives, whatever the pieces', () => {
    const size = fc.oneof(fc.nat(3), fc.integer({ min: 4000, max: 4200 }), fc.integer({ min: 60_000, max: 70_000 }));
    fc.assert(
      fc.property(fc.array(fc.tuple(size, fc.nat(255), fc.boolean()), { maxLength: 40 }), (pieces) => {
        const chunks = new BodyChunks();
        const all: Buffer[] = [];
        for (const [length, byte, alone] of pieces) {
          // A piece by itself, or within what was read from the socket.
          const chunk = (alone ? Buffer.alloc(length) : Buffer.alloc(3 * length).subarray(length, 2 * length)).fill(
            byte,
          );
          chunks.add(chunk);
          all.push(Buffer.from(chunk));
          expect(chunks.length).toBe(all.reduce((sum, one) => sum + one.length, 0));
        }
        expect(chunks.whole().equals(Buffer.concat(all))).toBe(true);
        expect(chunks.whole().equals(Buffer.concat(all))).toBe(true);
      }),
    );
  });

  it('takes a single piece as it is, and copies none of the large ones', () => {
    const piece = Buffer.alloc(16 * KIB, 'a');
    const chunks = new BodyChunks();
    chunks.add(piece);
    expect(chunks.whole()).toBe(piece);
  });

  it.each([
    ['one byte', 1, 1],
    ['a hundred bytes', 100, 100],
    ['5 KiB, each of 64 KiB that were read from the socket', 5 * KIB, 64 * KIB],
    ['16 KiB', 16 * KIB, 16 * KIB],
  ])('pieces of %s take no more than twice their bytes', async (_, length, read) => {
    const bytes = 512 * KIB;
    const fill = () => {
      const chunks = new BodyChunks();
      for (let at = 0; at < bytes; at += length) chunks.add(Buffer.alloc(read).subarray(0, length));
      return chunks;
    };
    fill();
    const before = await usedBytes();
    const chunks = fill();
    const taken = (await usedBytes()) - before;
    expect(chunks.length).toBeGreaterThanOrEqual(bytes);
    expect(taken).toBeGreaterThan(bytes / 2);
    expect(taken).toBeLessThan(2 * bytes + 256 * KIB);
  });
});

async function usedBytes(): Promise<number> {
  await collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
