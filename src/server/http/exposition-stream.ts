import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Small enough that sending one leaves the event loop free for others, large enough to cost few calls. */
const CHUNK_BYTES = 64 * 1024;

/** Blocks of any size joined to chunks of about `CHUNK_BYTES`, one at a time, so that the whole never exists twice. */
export function* chunked(blocks: readonly Buffer[], size = CHUNK_BYTES): Generator<Buffer> {
  let pending: Buffer[] = [];
  let bytes = 0;
  for (const block of blocks) {
    if (block.length === 0) continue;
    pending.push(block);
    bytes += block.length;
    if (bytes < size) continue;
    // A large block alone is handed out in place: it may be shared by many readers.
    yield* split(pending.length === 1 ? block : Buffer.concat(pending, bytes), size);
    pending = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(pending, bytes);
}

function* split(buffer: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < buffer.length; at += size) yield buffer.subarray(at, at + size);
}

export function identityStream(blocks: readonly Buffer[]): Readable {
  return Readable.from(chunked(blocks), { objectMode: false });
}

export function byteLength(blocks: readonly Buffer[]): number {
  return blocks.reduce((sum, block) => sum + block.length, 0);
}

/** Sends blocks piece by piece, as the client reads them; HEAD gets their length. */
export function sendBlocks(request: FastifyRequest, reply: FastifyReply, blocks: readonly Buffer[]): FastifyReply {
  reply.header('content-length', byteLength(blocks));
  return request.method === 'HEAD' ? reply.send() : reply.send(identityStream(blocks));
}
