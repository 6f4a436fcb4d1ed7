import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { endlessAnswer } from './network-failure.ts';

/** The longest that the head of an answer may be. */
const LONGEST_HEAD = 16_384;
const END = Buffer.from('\r\n\r\n');
const NOTHING = Buffer.alloc(0);
/** The shortest text that tells an interim answer from others. 101 is not one: what follows it is not HTTP. */
const BEGIN = 'HTTP/1.1 100';
const INTERIM = /^HTTP\/1\.[01] 1(?!01)\d\d$/;
/** The most bytes that may come before the answer itself: whoever hints every second for ten minutes sends a tenth of it. */
const MOST_INTERIM_BYTES = 1_048_576;
const LETTER_H = 0x48;
/** Where the status begins, and how that of an interim answer does. */
const STATUS_AT = 9;
const DIGIT_1 = 0x31;

/**
 * A connector whose sockets skip interim answers (1xx), which a server or proxy may send at any time (RFC 9110, section
 * 15.2). undici closes the connection at `100 Continue`, and takes any of them for a proxy's verdict.
 *
 * They are cut out of the received bytes, between a request and the first bytes of its answer: the text of a body can
 * be anything, and a piece of it that happens to begin like such a head must not be lost. `until: 'answer'` stops after
 * the first answer: what comes through a tunnel is left alone.
 *
 * An answer of more bytes than `mostBytes` closes its connection. The parser skips what neither head nor body is, such
 * as empty lines, without end, and that would take all of a processor until the deadline.
 */
export function withoutInterimAnswers(
  connect: buildConnector.connector,
  limits: { readonly until: 'close' | 'answer'; readonly mostBytes: number },
): buildConnector.connector {
  return (options, callback) =>
    connect(options, (...[error, socket]) => {
      if (error !== null) callback(error, null);
      else {
        cutInterimAnswers(socket, limits);
        callback(null, socket);
      }
    });
}

function cutInterimAnswers(
  socket: Socket,
  { until, mostBytes }: { readonly until: 'close' | 'answer'; readonly mostBytes: number },
): void {
  const original = socket.read;
  const read = original.bind(socket);
  let cutter: InterimCutter | null = new InterimCutter();
  let received = 0;
  socket.read = (size?: number): Buffer | null => {
    for (let chunk = read(size) as Buffer | null; chunk !== null; chunk = read(size) as Buffer | null) {
      received += chunk.length;
      const rest: Buffer = cutter === null ? chunk : cutter.cut(chunk);
      if (received > (rest.length === 0 ? MOST_INTERIM_BYTES : mostBytes)) {
        socket.destroy(endlessAnswer());
        return null;
      }
      if (rest.length === 0) continue;
      cutter = null;
      if (until === 'answer') socket.read = original;
      return rest;
    }
    return null;
  };
  if (until === 'answer') return;
  const write = socket.write.bind(socket) as (...written: unknown[]) => boolean;
  // The next request: one at a time is under way on a connection.
  socket.write = (...written: unknown[]): boolean => {
    cutter ??= new InterimCutter();
    received = 0;
    return write(...written);
  };
}

/** Removes interim heads from the start of its input, in whatever pieces they arrive. */
export class InterimCutter {
  #held: Buffer = NOTHING;

  cut(chunk: Buffer): Buffer {
    let rest = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = NOTHING;
    while (rest.length > 0 && mayBegin(rest)) {
      const end = rest.indexOf(END);
      if (end === -1) {
        if (rest.length > LONGEST_HEAD) return rest;
        this.#held = rest;
        return NOTHING;
      }
      rest = rest.subarray(end + END.length);
    }
    return rest;
  }
}

/** Whether what has arrived so far may be the beginning of an interim answer. */
function mayBegin(bytes: Buffer): boolean {
  if (bytes[0] !== LETTER_H || (bytes[STATUS_AT] ?? DIGIT_1) !== DIGIT_1) return false;
  const begin = bytes.toString('latin1', 0, BEGIN.length);
  return INTERIM.test(begin + BEGIN.slice(begin.length));
}
