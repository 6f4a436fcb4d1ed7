import { gunzipSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { GzipSegments } from '../../../src/server/http/gzip-segments.ts';

const HEADER_BYTES = 10;
const TRAILER_BYTES = 8;

/** A family of an exposition: its head, and lines of about so many bytes, which differ by `seed`. */
function family(name: string, bytes: number, seed = 0): Buffer[] {
  const line = (index: number) => `${name}{environment_id="env_${index}"} ${(index * 7919 + seed) % 1000}\n`;
  const lines = Array.from({ length: Math.ceil(bytes / line(0).length) }, (_, index) => line(index));
  return [Buffer.from(`# HELP ${name} What it says.\n`), Buffer.from(lines.join(''))];
}

function unpacked(pieces: readonly Buffer[]): string {
  const whole = Buffer.concat(pieces);
  // Throws where there is a second member, or anything behind the end of the first.
  const body = inflateRawSync(whole.subarray(HEADER_BYTES, -TRAILER_BYTES), { rejectGarbageAfterEnd: true });
  // Throws on a wrong length or checksum.
  expect(gunzipSync(whole).equals(body)).toBe(true);
  return body.toString('latin1');
}

const sizes = fc.constantFrom(0, 1, 100, 65_535, 65_536, 70_000, 600_000);

it('packs one gzip member that holds every byte, whatever stays the same from time to time', async () => {
  const block = fc.record({ isHead: fc.boolean(), size: sizes, fill: fc.integer({ min: 33, max: 126 }) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(block, { maxLength: 8 }),
      fc.array(fc.array(fc.nat({ max: 7 }), { maxLength: 8 }), { minLength: 1, maxLength: 4 }),
      async (shapes, scrapes) => {
        const pool = shapes.map(({ isHead, size, fill }) => Buffer.alloc(size, isHead ? `#${fill} ` : `${fill} `));
        const segments = new GzipSegments();
        for (const picks of scrapes) {
          const blocks = picks.flatMap((pick) => pool[pick] ?? []);
          expect(unpacked(await segments.compress(blocks))).toBe(Buffer.concat(blocks).toString('latin1'));
        }
      },
    ),
    { numRuns: 60 },
  );
});

it('packs again only the segments in which a block is another one', async () => {
  const segments = new GzipSegments();
  const [before, middle, after] = [family('a', 80_000), family('b', 80_000), family('c', 80_000)];
  const first = await segments.compress([...before, ...middle, ...after]);
  const changed = [middle[0]!, family('b', 80_000, 1)[1]!];
  const second = await segments.compress([...before, ...changed, ...after]);
  const kept = second.filter((piece) => first.includes(piece) && piece.length > HEADER_BYTES);
  expect(kept).toHaveLength(2);
  expect(unpacked(second)).toBe(Buffer.concat([...before, ...changed, ...after]).toString('latin1'));
});

it('moves no other cut when a family grows', async () => {
  const segments = new GzipSegments();
  const tail = ['c', 'd', 'e'].flatMap((name) => family(name, 70_000));
  const first = await segments.compress([...family('a', 66_000), ...tail]);
  const second = await segments.compress([...family('a', 99_000), ...tail]);
  expect(second.filter((piece) => first.includes(piece) && piece.length > HEADER_BYTES)).toHaveLength(3);
});

it('small families are compressed together', async () => {
  const small = Array.from({ length: 50 }, (_, index) => family(`metric_${index}`, 100)).flat();
  const packed = await new GzipSegments().compress(small);
  // Header, the one segment, the end, the trailer.
  expect(packed).toHaveLength(4);
});
