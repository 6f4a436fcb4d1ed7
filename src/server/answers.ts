import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';
import type { Clock } from '../base/clock.ts';
import { Refusal } from './errors.ts';

export const MOST_ANSWERS = 64;
/** An answer that has been under way for this long is cut off when another needs its place. */
const SLOW_MS = 5000;
/** For this long, an answer that is still being read may be shared with others. */
const CURRENT_MS = 1000;
/** Small enough that sending one leaves time for others, large enough to need few calls. */
const PIECE_BYTES = 64 * 1024;

const compress = promisify(gzip);

interface Rendering {
  readonly bytes: Promise<Buffer>;
  readonly begunAt: number;
  readers: number;
}

/** What clients that ask much, and read slowly or not at all, can make this process hold. */
export class Answers {
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** When each began, the oldest first. */
  readonly #underWay = new Map<ServerResponse, number>();
  /** The latest of each kind that somebody reads. */
  readonly #latest = new Map<string, Rendering>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Counts this answer until it is sent or its socket closes; throws when there is no room for it. */
  admit(response: ServerResponse): void {
    // It is closed already, and no event would ever end its count.
    if (response.destroyed) return;
    const now = this.#clock.monotonic();
    const [oldest] = this.#underWay;
    if (oldest !== undefined && this.#underWay.size >= MOST_ANSWERS) {
      if (now - oldest[1] < SLOW_MS) throw new Refusal('too_many_requests_in_flight');
      oldest[0].destroy();
      this.#underWay.delete(oldest[0]);
    }
    this.#underWay.set(response, now);
    response.once('close', () => this.#underWay.delete(response));
  }

  /**
   * Sends a text that many may ask for at once, compressed where that is accepted. Those who ask at the same time for
   * what has the same key get the same rendering, at most a second old; a single client always gets a fresh one.
   */
  async send(
    request: FastifyRequest,
    reply: FastifyReply,
    { key, vary = 'Accept-Encoding', render }: { key: string; vary?: string; render(): string | Promise<Buffer> },
  ): Promise<FastifyReply> {
    const isGzipped = new Negotiator(request.raw).encodings(['gzip']).length > 0;
    const bytes = await this.#share(isGzipped ? `gzip ${key}` : key, reply.raw, async () => {
      const text = Buffer.from(await render());
      return isGzipped ? compress(text, { level: 1 }) : text;
    });
    if (isGzipped) reply.header('content-encoding', 'gzip');
    reply.header('vary', vary).header('content-length', bytes.length);
    // In pieces, as the client reads: TLS would encrypt all of it at once.
    return reply.send(Readable.from(pieces(bytes), { objectMode: false }));
  }

  #share(key: string, reader: ServerResponse, build: () => Promise<Buffer>): Promise<Buffer> {
    if (reader.destroyed) return Promise.resolve(Buffer.alloc(0));
    const now = this.#clock.monotonic();
    const latest = this.#latest.get(key);
    const isCurrent = latest !== undefined && now - latest.begunAt < CURRENT_MS;
    const rendering: Rendering = isCurrent ? latest : { bytes: build(), begunAt: now, readers: 0 };
    this.#latest.set(key, rendering);
    rendering.readers++;
    reader.once('close', () => {
      rendering.readers--;
      // A turn later: a request that waited behind this one was sent just as early, and may share it.
      setImmediate(() => {
        if (rendering.readers === 0 && this.#latest.get(key) === rendering) this.#latest.delete(key);
      });
    });
    return rendering.bytes;
  }
}

function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}
