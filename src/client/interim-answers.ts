import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';

/** As long as the head of an answer may be. */
const LONGEST_HEAD = 16_384;
const BEGINS = Buffer.from('HTTP/1.1 100');
const END = Buffer.from('\r\n\r\n');

/**
 * A connector whose sockets pass over `100 Continue`, which a server may send although nobody waits for it (RFC 9110,
 * section 15.2). undici ends the connection at one.
 *
 * They are cut out of what is read. A body that is JSON cannot hold such a head: it would need line breaks in a string.
 */
export function withoutInterimAnswers(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) =>
    connect(options, (...[error, socket]) => {
      if (error !== null) callback(error, null);
      else {
        cutInterimAnswers(socket);
        callback(null, socket);
      }
    });
}

function cutInterimAnswers(socket: Socket): void {
  const read = socket.read.bind(socket);
  const cutter = new InterimCutter();
  socket.read = (size?: number): Buffer | null => {
    for (let chunk = read(size) as Buffer | null; chunk !== null; chunk = read(size) as Buffer | null) {
      const rest = cutter.cut(chunk);
      if (rest.length > 0) return rest;
    }
    return null;
  };
}

/** Takes interim heads off the start of what it is given, in whatever pieces they come. */
export class InterimCutter {
  #held: Buffer = Buffer.alloc(0);

  cut(chunk: Buffer): Buffer {
    let rest = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = Buffer.alloc(0);
    while (rest.length > 0 && mayBegin(rest)) {
      const end = rest.indexOf(END);
      if (end === -1) {
        if (rest.length > LONGEST_HEAD) return rest;
        this.#held = rest;
        return Buffer.alloc(0);
      }
      rest = rest.subarray(end + END.length);
    }
    return rest;
  }
}

/** Whether all that is there yet may be the begin of `HTTP/1.1 100` or `HTTP/1.0 100`. */
function mayBegin(bytes: Buffer): boolean {
  const length = Math.min(bytes.length, BEGINS.length);
  for (let at = 0; at < length; at++) {
    if (bytes[at] !== BEGINS[at] && !(at === 7 && bytes[at] === 0x30)) return false;
  }
  return true;
}
