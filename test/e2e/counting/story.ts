import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunningApp } from '../../app/running-app.ts';
import { startServer, type TestServer } from '../../client/test-server.ts';
import { parseExposition } from '../../support/exposition-parser.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { QUICK } from '../../support/simulated-api.ts';
import { rest } from '../../support/under-way.ts';
import { waitUntil } from '../../support/wait-until.ts';

export const ENV = 'env_1';
const KEY = `sk-ant-oat01-${'b'.repeat(40)}`;
/** Now, at a place in its second that is the same in each run. */
const START = Math.floor(Date.now() / 1000) * 1000 + 733;

/** What has been counted, and how many items wait and run; without the zeros. */
export type Counts = Readonly<Record<string, number>>;
export type Configuration = Readonly<Record<string, unknown>>;

/** One environment with its key, for configurations. */
export function environment(id: string, change: Configuration = {}) {
  return { id, environment_key: KEY, ...change };
}

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
  /** Reads of the list so far, by environment. */
  readonly reads = new Map<string, number>();
  readonly #now: () => number;
  readonly #rows = new Map<string, Row[]>();
  #server: TestServer | null = null;

  constructor(now: () => number) {
    this.#now = now;
  }

  async start(): Promise<void> {
    this.#server = await startServer((request, response, count) => this.#answer(request, response, count));
  }

  async stop(): Promise<void> {
    await this.#server?.close();
  }

  get url(): string {
    return this.#server!.url;
  }

  /** On the API's clock. */
  stamp(agoMs = 0): string {
    return new Date(this.#now() + this.aheadMs - agoMs).toISOString();
  }

  rows(environment = ENV): Row[] {
    const rows = this.#rows.get(environment) ?? [];
    this.#rows.set(environment, rows);
    return rows;
  }

  change(id: string, change: Partial<Row>): void {
    const rows = this.rows();
    const index = rows.findIndex((row) => row.id === id);
    rows[index] = { ...rows[index]!, ...change };
  }

  remove(id: string): Row {
    const rows = this.rows();
    const [removed] = rows.splice(
      rows.findIndex((row) => row.id === id),
      1,
    );
    return removed!;
  }

  #answer({ url = '' }: IncomingMessage, response: ServerResponse, count: number): void {
    response.sendDate = false;
    if (this.dated) response.setHeader('date', new Date(this.#now() + this.aheadMs).toUTCString());
    const body = this.refusal === null ? this.#found(url) : undefined;
    const status = this.refusal ?? (body === undefined ? 404 : 200);
    const headers = { 'content-type': 'application/json', 'request-id': `req_${count}` };
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

/** An exporter, an API and what happens to both, in the order that a test tells it. */
export class Story implements AsyncDisposable {
  /** Of the state file. */
  readonly folder = mkdtempSync(join(tmpdir(), 'story-'));
  readonly clock = new ManualClock(START, async () => {
    if (this.#rests) await rest({ files: true });
  });
  readonly api = new ToldApi(() => this.clock.now());
  exporter!: RunningApp;
  #configuration: Configuration = {};
  #number = 0;
  #rests = false;

  /** Starts the API, what is given, and an exporter with changes of its configuration. */
  async begin(given: (story: Story) => unknown = () => {}, change: Configuration = {}): Promise<void> {
    await this.api.start();
    await given(this);
    await this.#serve(change);
  }

  get connection() {
    return { base_url: this.api.url, requests_per_minute: 6000 };
  }

  get stateFile(): string {
    return join(this.folder, 'state');
  }

  async reload(change: Configuration): Promise<void> {
    this.#configure(change);
    const outcome = await this.exporter.app.reload();
    if (!outcome.ok) throw new Error(JSON.stringify(outcome));
  }

  /** Ends the process in order, `whileDown` happens, and another one starts. */
  async restart(whileDown: () => unknown = () => {}, change = this.#configuration): Promise<void> {
    await this.exporter[Symbol.asyncDispose]();
    await whileDown();
    await this.#serve(change);
  }

  /** The same without an end: the file stays as it was. */
  async crash(whileDown: () => unknown = () => {}): Promise<void> {
    const left = `${this.stateFile}.left`;
    const exists = existsSync(this.stateFile);
    if (exists) copyFileSync(this.stateFile, left);
    await this.restart(async () => {
      rmSync(this.stateFile, { force: true });
      if (exists) copyFileSync(left, this.stateFile);
      rmSync(left, { force: true });
      await whileDown();
    });
  }

  /** Until the list has been read so many times, and what it showed is published. */
  async read(times = 1): Promise<void> {
    const reads = () => this.api.reads.get(ENV) ?? 0;
    const end = reads() + times;
    await waitUntil(() => reads() >= end, { everyMs: 0, meanwhile: () => this.pass(250) });
    await this.pass(1100);
  }

  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms);
  }

  /** An item comes, and waits. */
  create(change: Partial<Row> = {}, environment = ENV): string {
    const { id = `work_${++this.#number}` } = change;
    const at = this.api.stamp();
    this.api.rows(environment).push({
      ...{ id, type: 'work', data: { type: 'session', id: `sesn_${id}` }, state: 'queued' },
      ...{ created_at: at, started_at: at, acknowledged_at: null, latest_heartbeat_at: null },
      ...{ stop_requested_at: null, stopped_at: null, ...change },
    });
    return id;
  }

  /** It ended that long ago, a minute after it came. */
  createEnded(agoMs: number): void {
    const [at, stopped_at] = [this.api.stamp(agoMs + 60_000), this.api.stamp(agoMs)];
    this.create({ state: 'stopped', created_at: at, started_at: at, acknowledged_at: at, stopped_at });
  }

  acknowledge(id: string): void {
    const at = this.api.stamp();
    this.api.change(id, { state: 'active', acknowledged_at: at, latest_heartbeat_at: at });
  }

  end(id: string): void {
    this.api.change(id, { state: 'stopped', stopped_at: this.api.stamp() });
  }

  /** The stopped item waits again. */
  requeue(id: string): void {
    const cleared = { acknowledged_at: null, latest_heartbeat_at: null, stopped_at: null };
    this.api.change(id, { state: 'queued', started_at: this.api.stamp(), ...cleared });
  }

  async counts(): Promise<Counts> {
    const counts: Record<string, number> = {};
    for (const { name, samples } of parseExposition(await this.exporter.exposition(), 'prometheus')) {
      const [, , counter] = /^anthropic_work_items(_(.*)_total)?$/.exec(name) ?? [null, null, null];
      if (counter === null) continue;
      for (const { labels, value } of samples) {
        if (labels.environment_id === ENV && value > 0) counts[counter ?? labels.state!] = value;
      }
    }
    return counts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.exporter[Symbol.asyncDispose]();
    await this.api.stop();
    rmSync(this.folder, { recursive: true });
  }

  /** Starts a process, from the state file there is. */
  async #serve(change: Configuration): Promise<void> {
    this.exporter = new RunningApp(null, this.clock);
    this.#configure(change);
    this.#rests = false;
    await this.exporter.serve();
    this.#rests = true;
  }

  #configure(change: Configuration): void {
    this.#configuration = change;
    const { provider = 'anthropic', ...others } = change;
    this.exporter.configure({
      api: { ...this.connection, provider },
      environments: [environment(ENV)],
      poll: QUICK,
      sessions: { enabled: 'off' },
      state_file: this.stateFile,
      ...others,
    });
  }
}
