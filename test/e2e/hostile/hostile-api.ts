import { createServer, type Server, type Socket } from 'node:net';
import type { FailureReason } from '../../../src/domain/failure.ts';
import { listen } from '../../client/test-server.ts';
import { rest } from '../../support/under-way.ts';

/** In each body, beside what is read of it, and in a header: no part of an answer may come out again. */
export const UNSEEN = 'CANARYunseenCANARY';
const EVENTS_AGO_MS = 3_600_000;

export type Json = Readonly<Record<string, unknown>>;
export const OPERATIONS = ['stats', 'list'] as const;

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
type Outcomes = Outcome | { readonly stats: Outcome; readonly list: Outcome };

/** An API that answers in such a way, what the exporter makes of it, and what it counts: nothing, unless a row says so. */
export type Hostile = readonly [what: string, answer: Answering, outcomes: Outcomes, counted?: Json];

interface Sent {
  readonly status?: string;
  /** Headers as lines. */
  readonly head?: readonly string[];
  /** Null: none. */
  readonly date?: string | null;
}

/** The good answer, with another head. */
export const good =
  (sent: Sent): Answering =>
  (_, { body, reply }) =>
    reply(body, sent);

/** These bytes and no others; what follows them may be made of the good body. */
export function bytes(text: string | ((body: string) => string), then: 'open' | 'end' = 'open'): Answering {
  return (socket, { body }) => {
    socket.write(typeof text === 'string' ? text : text(body), 'latin1');
    if (then === 'end') socket.end();
  };
}

/** Another body with a good head. */
export const body =
  (change: (asked: Asked) => string | Buffer): Answering =>
  (_, asked) =>
    asked.reply(change(asked));

/** Another value as JSON with a good head. */
export const value = (change: (good: Json, asked: Asked) => unknown): Answering =>
  body((asked) => JSON.stringify(change(asked.good, asked)));

/** The same for one operation; the other's answers are good. */
export const only =
  (operation: 'stats' | 'list', answer: Answering): Answering =>
  (socket, asked) =>
    asked.operation === operation ? answer(socket, asked) : asked.reply(asked.body);

/** The same text again and again after what comes before, as soon as there is room, for as long as somebody listens. */
export function endless(text: string, before = ''): Answering {
  const piece = text.repeat(Math.ceil(65_536 / text.length));
  return (socket) => {
    socket.write(before);
    const more = () => {
      if (socket.destroyed || !socket.writable) return;
      if (socket.write(piece)) setImmediate(more);
      else socket.once('drain', more);
    };
    more();
  };
}

export interface HostileEnvironment {
  readonly id: string;
  readonly key: string;
  /** Null: it is always good. */
  readonly hostile: Hostile | null;
}

/**
 * The Work API over plain sockets, where each environment's answers are as its case says, until it is calm. Its items
 * are an hour old and do not change.
 */
export class HostileApi implements AsyncDisposable {
  /** Requests that are not for the bytes of the API that may be read, with their own key. */
  readonly forbidden = new Set<string>();
  calm = false;
  url = '';
  #elsewhere = '';
  /** Requests by environment and operation. */
  readonly #asked = new Map<string, number>();
  readonly #environments: ReadonlyMap<string, HostileEnvironment>;
  readonly #now: () => number;
  readonly #bornAt: number;
  readonly #sockets = new Set<Socket>();
  readonly #servers: Server[] = [];
  /** Sockets whose request is never answered to its end. */
  readonly #held = new Set<Socket>();

  constructor(environments: readonly HostileEnvironment[], now: () => number) {
    this.#environments = new Map(environments.map((each) => [each.id, each]));
    this.#now = now;
    this.#bornAt = now() - EVENTS_AGO_MS;
  }

  async start(): Promise<void> {
    this.url = await this.#serve((socket) => this.#connected(socket));
    this.#elsewhere = await this.#serve(() => void this.forbidden.add('a connection to another server'));
  }

  /** Resolves when nothing is under way but what no answer ends. */
  rest(): Promise<void> {
    return rest({ held: () => this.#held.size, files: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    for (const server of this.#servers) await new Promise((resolve) => server.close(resolve));
  }

  async #serve(connected: (socket: Socket) => void): Promise<string> {
    const server = createServer({ noDelay: true }, (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
      connected(socket);
    });
    this.#servers.push(server);
    return `http://127.0.0.1:${await listen(server)}`;
  }

  #connected(socket: Socket): void {
    let received = '';
    socket.on('close', () => this.#held.delete(socket));
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1');
      for (let end = received.indexOf('\r\n\r\n'); end >= 0; end = received.indexOf('\r\n\r\n')) {
        this.#answer(socket, received.slice(0, end));
        received = received.slice(end + 4);
      }
    });
  }

  #answer(socket: Socket, head: string): void {
    const [method, target = ''] = head.split(' ');
    const url = new URL(`http://api${target}`);
    const [, id = '', item = ''] = /^\/v1\/environments\/([^/]+)\/work(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
    const environment = this.#environments.get(id);
    const isRead = method === 'GET' && environment !== undefined && item !== 'poll' && !/^cookie:/im.test(head);
    const keys = item === '' ? [environment?.key] : [environment?.key, 'sk-ant-api03-'];
    if (!isRead || !keys.some((key) => key !== undefined && head.includes(key))) this.forbidden.add(head.slice(0, 120));
    const now = this.#now();
    const reply = (body: string | Buffer, sent: Sent = {}) => send(socket, body, { date: utc(now), ...sent });
    const operation = item === '' ? 'list' : item === 'stats' ? 'stats' : 'retrieve';
    const counter = `${id} ${operation}`;
    const count = this.#asked.get(counter) ?? 0;
    this.#asked.set(counter, count + 1);
    const good = operation === 'retrieve' ? this.#row(id, item) : this.#good(id)[operation];
    if (good === null || environment === undefined) {
      reply('{}', { status: '404 Not Found' });
      return;
    }
    const body = JSON.stringify(good);
    if (this.calm || environment.hostile === null) {
      reply(body);
      return;
    }
    const { key, hostile } = environment;
    if (operation !== 'retrieve' && outcomeOf(hostile, operation) === 'timeout') this.#held.add(socket);
    const cursor = url.searchParams.get('page');
    hostile[1](socket, { operation, good, body, key, cursor, count, now, reply, elsewhere: this.#elsewhere });
  }

  #good(id: string): { readonly stats: Json; readonly list: Json } {
    const data = [4, 3, 2, 1, 0].map((n) => this.#row(id, `work_${n}`));
    const oldest_queued_at = iso(this.#bornAt);
    return {
      stats: { type: 'work_queue_stats', depth: 2, pending: 0, oldest_queued_at, workers_polling: 3, note: UNSEEN },
      list: { data, next_page: null, note: UNSEEN },
    };
  }

  /** Two wait, three are being worked on. */
  #row(environment_id: string, id: string): Json | null {
    const n = Number(/^work_([0-4])$/.exec(id)?.[1] ?? Number.NaN);
    if (Number.isNaN(n)) return null;
    const held = n >= 2;
    const created_at = iso(this.#bornAt + n);
    return {
      ...{ id, type: 'work', environment_id, data: { type: 'session', id: `sesn_${n}` }, note: UNSEEN },
      ...{ state: held ? 'active' : 'queued', metadata: { team: 'a' }, created_at, started_at: created_at },
      acknowledged_at: held ? iso(this.#bornAt + 10_000) : null,
      latest_heartbeat_at: held ? iso(this.#now() - 2000) : null,
      ...{ stop_requested_at: null, stopped_at: null },
    };
  }
}

export function outcomeOf([, , outcomes]: Hostile, operation: 'stats' | 'list'): Outcome {
  return typeof outcomes === 'string' ? outcomes : outcomes[operation];
}

export const utc = (at: number) => new Date(at).toUTCString();
const iso = (at: number) => new Date(at).toISOString();

function send(socket: Socket, body: string | Buffer, { status = '200 OK', head = [], date = null }: Sent): void {
  const lines = [`HTTP/1.1 ${status}`, ...head, 'content-type: application/json', `x-note: ${UNSEEN}`];
  const dated = date === null ? [] : [`date: ${date}`];
  socket.write(`${[...lines, ...dated, `content-length: ${Buffer.byteLength(body)}`].join('\r\n')}\r\n\r\n`, 'latin1');
  socket.write(body);
}
