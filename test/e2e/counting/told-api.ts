import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { listen } from '../../client/test-server.ts';

export interface Row {
  readonly id: string;
  readonly type: 'work';
  readonly data: { readonly type: 'session'; readonly id: string };
  readonly state: string;
  readonly created_at: string | null;
  readonly started_at: string | null;
  readonly acknowledged_at: string | null;
  readonly latest_heartbeat_at: string | null;
  readonly stop_requested_at: string | null;
  readonly stopped_at: string | null;
}

/** A Work API whose items are what a test tells, for each of its environments. */
export class ToldApi {
  url = '';
  /** The API's clock beside that of the exporter, ms. */
  aheadMs = 0;
  /** Whether answers have a `Date`. */
  dated = true;
  /** Most rows on a page, whatever is asked for. */
  pageRows = 1000;
  newestFirst = true;
  /** Called when a page of the list is about to be answered, with how many rows stand before it. */
  beforePage: (from: number) => void = () => {};
  /** Called with the rows of a page before they are sent. */
  shown: (rows: readonly Row[]) => readonly unknown[] = (rows) => rows;
  /** What is answered in place of everything, if anything. */
  refusal: number | null = null;
  readonly reads = new Map<string, number>();
  readonly #now: () => number;
  readonly #rows = new Map<string, Row[]>();
  #server: Server | null = null;
  #answers = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  async start(): Promise<void> {
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.url = `http://127.0.0.1:${await listen(this.#server)}`;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  /** On the API's clock. */
  stamp(agoMs = 0): string {
    return new Date(this.#now() + this.aheadMs - agoMs).toISOString();
  }

  rows(environment: string): Row[] {
    const rows = this.#rows.get(environment) ?? [];
    this.#rows.set(environment, rows);
    return rows;
  }

  change(environment: string, id: string, change: Partial<Row>): void {
    const rows = this.rows(environment);
    const index = rows.findIndex((row) => row.id === id);
    rows[index] = { ...rows[index]!, ...change };
  }

  remove(environment: string, id: string): void {
    this.#rows.set(
      environment,
      this.rows(environment).filter((row) => row.id !== id),
    );
  }

  #answer({ url = '' }: IncomingMessage, response: ServerResponse): void {
    response.sendDate = false;
    if (this.dated) response.setHeader('date', new Date(this.#now() + this.aheadMs).toUTCString());
    const headers = { 'content-type': 'application/json', 'request-id': `req_${++this.#answers}` };
    const body = this.refusal === null ? this.#found(url) : undefined;
    const status = this.refusal ?? (body === undefined ? 404 : 200);
    response.writeHead(status, headers).end(JSON.stringify(body ?? {}));
  }

  /** Undefined: there is no such thing. */
  #found(url: string): object | undefined {
    const { pathname, searchParams } = new URL(`http://api${url}`);
    const [, , , environment = '', , item] = pathname.split('/');
    const rows = this.rows(environment);
    if (item === 'stats') {
      const waiting = rows.filter(({ state }) => state === 'queued');
      const oldest_queued_at = waiting.map(({ created_at }) => created_at).sort()[0] ?? null;
      return { depth: waiting.length, pending: 0, oldest_queued_at, workers_polling: 1 };
    }
    if (item !== undefined) return rows.find(({ id }) => id === decodeURIComponent(item));
    const from = Number(searchParams.get('page') ?? 0);
    this.beforePage(from);
    if (from === 0) this.reads.set(environment, (this.reads.get(environment) ?? 0) + 1);
    const ordered = this.newestFirst ? this.rows(environment).toReversed() : this.rows(environment);
    const to = from + Math.min(this.pageRows, Number(searchParams.get('limit') ?? 1000));
    return { data: this.shown(ordered.slice(from, to)), next_page: to < ordered.length ? String(to) : null };
  }
}
