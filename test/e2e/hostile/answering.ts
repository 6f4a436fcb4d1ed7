import type { Socket } from 'node:net';
import type { FailureReason } from '../../../src/domain/failure.ts';

/** In each body, beside what is read of it, and in a header: no part of an answer may come out again. */
export const UNSEEN = 'CANARYunseenCANARY';

export type Json = Readonly<Record<string, unknown>>;

/** What was asked for, and the good answer to it. */
export interface Asked {
  readonly operation: 'stats' | 'list' | 'retrieve';
  readonly good: Json;
  /** `good` as it is sent. */
  readonly body: string;
  /** With which the request came. */
  readonly key: string;
  /** Of a page that is not the first. */
  readonly cursor: string | null;
  /** Requests of this operation before. */
  readonly count: number;
  /** Of a server that nobody may ask for anything. */
  readonly elsewhere: string;
  /** On the API's clock. */
  readonly now: number;
  /** Sends a whole answer, with the length that it has. */
  reply(body: string | Buffer, sent?: Sent): void;
}

export type Answering = (socket: Socket, asked: Asked) => void;

/** How reads end: of both operations, or of each. */
export type Outcome = 'ok' | FailureReason;
export type Outcomes = Outcome | { readonly stats: Outcome; readonly list: Outcome };

/** An API that answers in such a way, what the exporter makes of it, and what it counts: nothing, unless a row says so. */
export type Hostile = readonly [
  what: string,
  answer: Answering,
  outcomes: Outcomes,
  counted?: Readonly<Record<string, number>>,
];

/** Headers as lines. */
export type Head = readonly string[];

export interface Sent {
  readonly status?: string;
  readonly head?: Head;
  /** Null: none. */
  readonly date?: string | null;
}

export function send(socket: Socket, body: string | Buffer, { status = '200 OK', head = [], date = null }: Sent): void {
  const lines = [`HTTP/1.1 ${status}`, ...head, 'content-type: application/json', `x-note: ${UNSEEN}`];
  const dated = date === null ? [] : [`date: ${date}`];
  socket.write(`${[...lines, ...dated, `content-length: ${Buffer.byteLength(body)}`].join('\r\n')}\r\n\r\n`, 'latin1');
  socket.write(body);
}

/** The good answer, with another head. */
export function good(sent: Sent): Answering {
  return (_, { body, reply }) => reply(body, sent);
}

/** These bytes and no others; what follows them may be made of the good body. */
export function bytes(text: string | ((body: string) => string | Buffer), then: 'open' | 'end' = 'open'): Answering {
  return (socket, { body }) => {
    const all = typeof text === 'string' ? text : text(body);
    socket.write(typeof all === 'string' ? Buffer.from(all, 'latin1') : all);
    if (then === 'end') socket.end();
  };
}

/** Another body with a good head. */
export function body(change: (asked: Asked) => string | Buffer): Answering {
  return (_, asked) => asked.reply(change(asked));
}

/** Another value as JSON with a good head. */
export function value(change: (good: Json, asked: Asked) => unknown): Answering {
  return body((asked) => JSON.stringify(change(asked.good, asked)));
}

/** The same for one operation; the other's answers are good. */
export function only(operation: 'stats' | 'list', answer: Answering): Answering {
  return (socket, asked) => (asked.operation === operation ? answer(socket, asked) : asked.reply(asked.body));
}

/** Writes the next piece as soon as there is room, for as long as somebody listens. */
export function endless(socket: Socket, piece: (n: number) => string | Buffer): void {
  let n = 0;
  const more = () => {
    if (socket.destroyed || !socket.writable) return;
    if (socket.write(piece(n++))) setImmediate(more);
    else socket.once('drain', more);
  };
  more();
}
