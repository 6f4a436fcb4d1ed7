import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BodyChunks } from '../../../src/client/http/body-chunks.ts';

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

  it('moves together what arrives in memory in which it may, whatever lies between, and copies none of it', () => {
    const piece = fc.record({ gap: fc.nat(20), length: fc.nat(3000), elsewhere: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const block = Buffer.alloc(128 * KIB, '-');
        const chunks = new BodyChunks((buffer) => buffer === block.buffer);
        const all: Buffer[] = [];
        let at = 0;
        for (const [index, { gap, length, elsewhere }] of pieces.entries()) {
          at += gap;
          const chunk = elsewhere === 0 ? Buffer.alloc(length) : block.subarray(at, at + length);
          chunk.fill(97 + (index % 26));
          at += length;
          chunks.add(chunk);
          all.push(Buffer.from(chunk));
        }
        // What comes after the body is left alone.
        const after = block.subarray(at).every((byte) => byte === 45);
        expect(after).toBe(true);
        expect(chunks.whole().equals(Buffer.concat(all))).toBe(true);
        expect(chunks.whole().equals(Buffer.concat(all))).toBe(true);
        const inBlock = pieces.every(({ elsewhere }) => elsewhere > 0) && chunks.length > 0;
        if (inBlock) expect(chunks.whole().buffer).toBe(block.buffer);
      }),
    );
  });

  it('takes a single piece as it is, and copies none of the large ones', () => {
    const piece = Buffer.alloc(16 * KIB, 'a');
    const chunks = new BodyChunks();
    chunks.add(piece);
    expect(chunks.whole()).toBe(piece);
  });
});
