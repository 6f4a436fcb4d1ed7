import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
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

/** The blocks as they are, without compression, in chunks that are read one at a time. */
export function identityStream(blocks: readonly Buffer[]): Readable {
  return Readable.from(chunked(blocks), { objectMode: false });
}

/**
 * Hands all blocks to the socket at once. The kernel takes them as fast as the client reads, without a copy and without
 * waking this process for each chunk; a client that does not read holds references to blocks that others share.
 */
class WholeAnswer extends Readable {
  readonly #blocks: readonly Buffer[];

  constructor(blocks: readonly Buffer[]) {
    super();
    this.#blocks = blocks;
  }

  override _read(): void {
    this.push(null);
  }

  override pipe<T extends NodeJS.WritableStream>(destination: T): T {
    const response = destination as unknown as ServerResponse;
    const last = this.#blocks.findLastIndex(({ length }) => length > 0);
    response.cork();
    for (const [index, block] of this.#blocks.entries()) {
      // Node takes a connection for idle once its answer is ended, even if most of it is still to be sent.
      if (block.length > 0) response.write(block, index === last ? () => response.end() : undefined);
    }
    response.uncork();
    if (last === -1) response.end();
    // Nothing is left: whoever waits for the end of this stream learns so.
    this.resume();
    return destination;
  }
}

export function byteLength(blocks: readonly Buffer[]): number {
  return blocks.reduce((sum, block) => sum + block.length, 0);
}

/** Sends blocks without joining them; HEAD gets only their length. */
export function sendBlocks(request: FastifyRequest, reply: FastifyReply, blocks: readonly Buffer[]): FastifyReply {
  reply.header('content-length', byteLength(blocks));
  // A stream, even of nothing: Fastify would replace the length of anything else by that of the body that it is given.
  if (request.method === 'HEAD') return reply.send(new WholeAnswer([]));
  // TLS copies and encrypts what it is given at once: piece by piece, as the client reads.
  const isEncrypted = request.raw.socket instanceof TLSSocket;
  return reply.send(isEncrypted ? identityStream(blocks) : new WholeAnswer(blocks));
}
