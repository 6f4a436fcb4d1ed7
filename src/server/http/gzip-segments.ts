import { promisify } from 'node:util';
import { constants, crc32, deflateRaw } from 'node:zlib';
import { combineCrc32 } from './combine-crc32.ts';

/** Too little for a separate segment: each starts without what the previous one has learned. */
const LEAST_BYTES = 64 * 1024;
/** A longer segment is cut at the end of a block. */
const MOST_BYTES = 512 * 1024;

/** Deflate, no time, no name, unknown system: RFC 1952, 2.3. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
/** An empty last block. */
const END = Buffer.from([3, 0]);

/**
 * Level 1: a third of level 6's CPU at nearly the same size (docs/decisions/0010-text-blocks-instead-of-a-registry.md).
 * The flush ends on a byte boundary, so that segments can be concatenated.
 */
const OPTIONS = { level: 1, finishFlush: constants.Z_SYNC_FLUSH, chunkSize: 128 * 1024 };
const deflate = promisify(deflateRaw);

interface Segment {
  /** Weak: the compressed text must not keep its source alive. */
  readonly blocks: readonly WeakRef<Buffer>[];
  readonly compressed: Buffer;
  readonly crc: number;
  readonly bytes: number;
}

/**
 * Compresses texts that are mostly the same each time, block by block: a segment with the same Buffers is not
 * compressed again. The result is one gzip member, however many segments it has: many clients read only the first
 * member.
 */
export class GzipSegments {
  /** By the first block. */
  #known = new WeakMap<Buffer, Segment>();

  async compress(blocks: readonly Buffer[]): Promise<Buffer[]> {
    const segments: Segment[] = [];
    // One after the other: other work needs the threads of the pool too.
    for (const part of segmentsOf(blocks)) segments.push(this.#find(part) ?? (await this.#compress(part)));
    const crc = segments.reduce((sum, segment) => combineCrc32(sum, segment.crc, segment.bytes), 0);
    const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(crc, 0);
    trailer.writeUInt32LE(bytes % 2 ** 32, 4);
    return [HEADER, ...segments.map(({ compressed }) => compressed), END, trailer];
  }

  #find(part: readonly Buffer[]): Segment | undefined {
    const known = this.#known.get(part[0]!);
    if (known === undefined || known.blocks.length !== part.length) return undefined;
    return known.blocks.every((block, index) => block.deref() === part[index]) ? known : undefined;
  }

  async #compress(part: readonly Buffer[]): Promise<Segment> {
    const text = part.length === 1 ? part[0]! : Buffer.concat(part);
    const compressed = copyOf(await deflate(text, OPTIONS));
    const blocks = part.map((block) => new WeakRef(block));
    const segment = { blocks, compressed, crc: crc32(text), bytes: text.length };
    this.#known.set(part[0]!, segment);
    return segment;
  }
}

/** What zlib gives is part of a chunk that is many times as long, and would be kept with it. */
function copyOf(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}

/** Cuts at the start of a family, so that a growing family moves no other cut, and where a segment gets too large. */
function* segmentsOf(blocks: readonly Buffer[]): Generator<readonly Buffer[]> {
  let part: Buffer[] = [];
  let bytes = 0;
  for (const block of blocks) {
    if (block.length === 0) continue;
    if (bytes >= MOST_BYTES || (bytes >= LEAST_BYTES && isHead(block))) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(block);
    bytes += block.length;
  }
  if (part.length > 0) yield part;
}

/** Only the lines above a family begin this way. */
function isHead(block: Buffer): boolean {
  return block[0] === '#'.charCodeAt(0);
}
