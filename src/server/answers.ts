import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';
import type { CancelTimer, Clock } from '../base/clock.ts';

/** Concurrent answers, over all clients. */
export const MOST_ANSWERS = 64;
/** An answer that has not been read to its end in this time is cut off. */
const ANSWER_MS = 60_000;
/** An answer whose reader has stalled this long is cut off when another needs its place. */
const STALLED_MS = 5000;
/** For this long, an answer that is still being read may be shared with others. */
const CURRENT_MS = 1000;
/** Small enough that sending one leaves time for others, large enough to need few calls. */
const PIECE_BYTES = 64 * 1024;
/** Longer than any client's `Accept-Encoding`. */
const LONGEST_HEADER = 1024;

const compress = promisify(gzip);

/** An answer that several requests may share while somebody reads it. */
interface Rendering {
  readonly bytes: Promise<Buffer>;
  /** Monotonic. */
  readonly begunAt: number;
  isBuilt: boolean;
  readers: number;
}

/** What clients that ask much, and read slowly or not at all, can make this process hold. */
export class Answers {
  readonly #clock: Clock;
  readonly #underWay = new Map<ServerResponse, { readonly begunAt: number; readonly cancel: CancelTimer }>();
  /** The latest of each kind that somebody reads. */
  readonly #latest = new Map<string, Rendering>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts this answer until it is sent or its socket closes; false, and nothing is counted: there is no room for it. */
  admit(response: ServerResponse): boolean {
    // It is closed already, and no event would ever end its count.
    if (response.destroyed) return true;
    if (this.#underWay.size >= MOST_ANSWERS && !this.#cutStalled()) return false;
    const cancel = this.#clock.setTimer(ANSWER_MS, () => response.destroy());
    this.#underWay.set(response, { begunAt: this.#clock.monotonic(), cancel });
    response.once('close', () => this.#leave(response));
    return true;
  }

  /**
   * Sends a text that many may ask for at once, compressed where that is accepted. Those who ask at the same time for
   * what has the same key get the same rendering, at most a second old; a single client always gets a fresh one.
   */
  async send(
    request: FastifyRequest,
    reply: FastifyReply,
    { key, vary = 'Accept-Encoding', render }: SharedText,
  ): Promise<FastifyReply> {
    const isGzipped = acceptsGzip(request.headers['accept-encoding']?.toString());
    const bytes = await this.#take(isGzipped ? `gzip ${key}` : key, reply.raw, async () => {
      const text = Buffer.from(await render());
      return isGzipped ? compress(text, { level: 1 }) : text;
    });
    if (isGzipped) reply.header('content-encoding', 'gzip');
    reply.header('vary', vary).header('content-length', bytes.length);
    // In pieces, as the client reads: TLS would encrypt all of it at once, and Node takes a connection for idle once its
    // answer is ended, even if most of it is still to be sent.
    return reply.send(Readable.from(pieces(bytes), { objectMode: false }));
  }

  #take(key: string, reader: ServerResponse, build: () => Promise<Buffer>): Promise<Buffer> {
    if (reader.destroyed) return Promise.resolve(Buffer.alloc(0));
    const latest = this.#latest.get(key);
    const isCurrent =
      latest !== undefined && (!latest.isBuilt || this.#clock.monotonic() - latest.begunAt < CURRENT_MS);
    const rendering = isCurrent ? latest : this.#begin(key, build());
    rendering.readers++;
    const leave = () => {
      rendering.readers--;
      // A turn later: a request that waited behind this one was sent just as early, and may share it.
      setImmediate(() => rendering.readers === 0 && this.#forget(key, rendering));
    };
    reader.once('close', leave);
    return rendering.bytes;
  }

  #begin(key: string, bytes: Promise<Buffer>): Rendering {
    const rendering = { bytes, begunAt: this.#clock.monotonic(), isBuilt: false, readers: 0 };
    bytes.then(
      () => {
        rendering.isBuilt = true;
      },
      () => this.#forget(key, rendering),
    );
    this.#latest.set(key, rendering);
    return rendering;
  }

  #forget(key: string, rendering: Rendering): void {
    if (this.#latest.get(key) === rendering) this.#latest.delete(key);
  }

  /** Ends the oldest answer whose reader has stalled; false: there is none. */
  #cutStalled(): boolean {
    const latest = this.#clock.monotonic() - STALLED_MS;
    const stalled = [...this.#underWay].find(
      ([response, { begunAt }]) => begunAt <= latest && response.writableLength > 0,
    );
    if (stalled === undefined) return false;
    stalled[0].destroy();
    this.#leave(stalled[0]);
    return true;
  }

  #leave(response: ServerResponse): void {
    this.#underWay.get(response)?.cancel();
    this.#underWay.delete(response);
  }
}

interface SharedText {
  readonly key: string;
  readonly vary?: string;
  render(): string | Promise<Buffer>;
}

/** Whether an `Accept-Encoding` header accepts gzip, also under its old name: RFC 9110, 12.5.3. Without the header: no. */
function acceptsGzip(header: string | undefined): boolean {
  if (header === undefined || header.length > LONGEST_HEADER) return false;
  const plain = header.replaceAll(/\bx-gzip\b/gi, 'gzip');
  return new Negotiator({ headers: { 'accept-encoding': plain } }).encodings(['gzip']).length > 0;
}

function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}
