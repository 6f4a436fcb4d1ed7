import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Small enough that sending one leaves time for others, large enough to need few calls. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Blocks of any size, joined into chunks of about `CHUNK_BYTES`, one at a time, so that the whole never exists twice.
 */
export function* chunked(blocks: readonly Buffer[], size = CHUNK_BYTES): Generator<Buffer> {
  let pending: Buffer[] = [];
  let bytes = 0;
  for (const block of blocks) {
    if (block.length === 0) continue;
    pending.push(block);
    bytes += block.length;
    if (bytes < size) continue;
    // A large block is handed out without copying: many readers may share it.
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

/** Sends blocks piece by piece, as the client reads them; HEAD gets only their length. */
export function sendBlocks(request: FastifyRequest, reply: FastifyReply, blocks: readonly Buffer[]): FastifyReply {
  reply.header('content-length', byteLength(blocks));
  return request.method === 'HEAD' ? reply.send() : reply.send(identityStream(blocks));
}
