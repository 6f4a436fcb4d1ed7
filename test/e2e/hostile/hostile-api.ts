import { createServer, type Server, type Socket } from 'node:net';
import { listen } from '../../client/test-server.ts';
import { isReadingFiles, requestsUnderWay } from '../../support/under-way.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { type Asked, type Hostile, type Json, type Outcome, type Sent, send, UNSEEN } from './answering.ts';

export interface HostileEnvironment {
  readonly id: string;
  readonly key: string;
  /** Null: it is always good. */
  readonly hostile: Hostile | null;
}

const EVENTS_AGO_MS = 3_600_000;

/**
 * The Work API over plain sockets, where each environment's answers are as its case says, until it is calm. Its items
 * are an hour old and do not change.
 */
export class HostileApi implements AsyncDisposable {
  /** Requests that are not for the bytes of the API that may be read, with their own key. */
  readonly forbidden = new Set<string>();
  /** Requests by environment and operation, and of them those since it is calm. */
  readonly asked = new Map<string, number>();
  calm = false;
  url = '';
  elsewhere = '';
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
    this.elsewhere = await this.#serve(() => void this.forbidden.add('a connection to another server'));
  }

  /** Resolves when nothing is under way but what no answer ends. */
  async rest(): Promise<void> {
    let quiet = 0;
    const isQuiet = () => {
      quiet = requestsUnderWay() <= this.#held.size && !isReadingFiles() ? quiet + 1 : 0;
      return quiet > 2;
    };
    const details = () => [...this.asked.keys()].slice(-5).join();
    await waitUntil(isQuiet, { everyMs: 0, what: 'every answer that has an end', details });
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
    const [, id = '', rest = ''] = /^\/v1\/environments\/([^/]+)\/work(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
    const environment = this.#environments.get(id);
    const isRead = method === 'GET' && environment !== undefined && rest !== 'poll' && !/^cookie:/im.test(head);
    const keys = rest === '' ? [environment?.key] : [environment?.key, 'sk-ant-api03-'];
    if (!isRead || !keys.some((key) => key !== undefined && head.includes(key))) this.forbidden.add(head.slice(0, 120));
    const now = this.#now();
    const date = new Date(now).toUTCString();
    const reply = (body: string | Buffer, sent: Sent = {}) => send(socket, body, { date, ...sent });
    const operation = rest === '' ? 'list' : rest === 'stats' ? 'stats' : 'retrieve';
    const counter = `${id} ${operation}`;
    const count = this.asked.get(counter) ?? 0;
    this.asked.set(counter, count + 1);
    const good = operation === 'retrieve' ? this.#row(id, rest) : this.#good(id)[operation];
    if (good === null || environment === undefined) {
      reply('{}', { status: '404 Not Found' });
      return;
    }
    const body = JSON.stringify(good);
    if (this.calm || environment.hostile === null) {
      reply(body);
      return;
    }
    const [, answer, outcomes] = environment.hostile;
    const { key } = environment;
    if (operation !== 'retrieve' && outcomeOf(outcomes, operation) === 'timeout') this.#held.add(socket);
    const cursor = url.searchParams.get('page');
    answer(socket, { operation, good, body, key, cursor, count, now, reply, elsewhere: this.elsewhere });
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

export function outcomeOf(outcomes: Hostile[2], operation: Exclude<Asked['operation'], 'retrieve'>): Outcome {
  return typeof outcomes === 'string' ? outcomes : outcomes[operation];
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
