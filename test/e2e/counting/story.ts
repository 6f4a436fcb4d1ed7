import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunningApp } from '../../app/running-app.ts';
import { parseExposition } from '../../support/exposition-parser.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { QUICK } from '../../support/simulated-api.ts';
import { isReadingFiles, requestsUnderWay } from '../../support/under-way.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { type Row, ToldApi } from './told-api.ts';

export const ENV = 'env_1';
const KEY = `sk-ant-oat01-${'b'.repeat(40)}`;
/** What has been counted, and how many items wait and run; without the zeros. */
export type Counts = Readonly<Record<string, number>>;

/** Now, at a place in its second that is the same in each run. */
const START = Math.floor(Date.now() / 1000) * 1000 + 733;

type Configuration = Readonly<Record<string, unknown>>;

/** An exporter, an API and what happens to both, in the order that a test tells it. */
export class Story implements AsyncDisposable {
  /** Of the state file. */
  readonly folder = mkdtempSync(join(tmpdir(), 'story-'));
  readonly clock = new ManualClock(START, () => this.#rest());
  readonly api = new ToldApi(() => this.clock.now());
  exporter!: RunningApp;
  #configuration: Configuration = {};
  #number = 0;
  #rests = false;

  /** Starts the API, what is given, and an exporter with changes of its configuration. */
  async begin(given: (story: Story) => unknown = () => {}, change: Configuration = {}): Promise<void> {
    await this.api.start();
    await given(this);
    await this.serve(change);
  }

  get connection() {
    return { base_url: this.api.url, requests_per_minute: 6000 };
  }

  get stateFile(): string {
    return join(this.folder, 'state');
  }

  /** Starts a process, from the state file there is. */
  async serve(change: Configuration = this.#configuration): Promise<void> {
    this.exporter = new RunningApp(null, this.clock);
    this.#configure(change);
    this.#rests = false;
    await this.exporter.serve();
    this.#rests = true;
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
    await this.serve(change);
  }

  /** The same without an end: the file stays as it was. */
  async crash(whileDown: () => unknown = () => {}, change = this.#configuration): Promise<void> {
    const left = `${this.stateFile}.left`;
    const exists = existsSync(this.stateFile);
    if (exists) copyFileSync(this.stateFile, left);
    await this.restart(async () => {
      rmSync(this.stateFile, { force: true });
      if (exists) copyFileSync(left, this.stateFile);
      rmSync(left, { force: true });
      await whileDown();
    }, change);
  }

  /** Until the list has been read so many times, and what it showed is published. */
  async read(times = 1, environment = ENV): Promise<void> {
    const reads = () => this.api.reads.get(environment) ?? 0;
    const end = reads() + times;
    await this.until(() => reads() >= end);
    await this.pass(1100);
  }

  async until(holds: () => boolean): Promise<void> {
    await waitUntil(holds, { everyMs: 0, meanwhile: () => this.pass(250) });
  }

  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms);
  }

  /** An item comes, and waits. */
  create(environment = ENV, change: Partial<Row> = {}): string {
    const id = `work_${++this.#number}`;
    const at = this.api.stamp();
    this.api.rows(environment).push({
      ...{
        id,
        type: 'work',
        data: { type: 'session', id: `sesn_${id}` },
        state: 'queued',
        created_at: at,
        started_at: at,
      },
      ...{ acknowledged_at: null, latest_heartbeat_at: null, stop_requested_at: null, stopped_at: null },
      ...change,
    });
    return id;
  }

  acknowledge(id: string, environment = ENV): void {
    const at = this.api.stamp();
    this.api.change(environment, id, { state: 'active', acknowledged_at: at, latest_heartbeat_at: at });
  }

  end(id: string, environment = ENV): void {
    this.api.change(environment, id, { state: 'stopped', stopped_at: this.api.stamp() });
  }

  /** The stopped item waits again. */
  requeue(id: string, environment = ENV): void {
    const at = this.api.stamp();
    const cleared = { acknowledged_at: null, latest_heartbeat_at: null, stopped_at: null };
    this.api.change(environment, id, { state: 'queued', started_at: at, ...cleared });
  }

  async counts(environment = ENV): Promise<Counts> {
    const counts: Record<string, number> = {};
    for (const { name, samples } of parseExposition(await this.exporter.exposition(), 'prometheus')) {
      const [, , counter] = /^anthropic_work_items(_(.*)_total)?$/.exec(name) ?? [null, null, null];
      if (counter === null) continue;
      for (const { labels, value } of samples) {
        if (labels.environment_id === environment && value > 0) counts[counter ?? labels.state!] = value;
      }
    }
    return counts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.exporter[Symbol.asyncDispose]();
    await this.api.stop();
    rmSync(this.folder, { recursive: true });
  }

  #configure(change: Configuration): void {
    this.#configuration = change;
    const { provider = 'anthropic', ...rest } = change;
    this.exporter.configure({
      api: { ...this.connection, provider },
      environments: [{ id: ENV, environment_key: KEY }],
      poll: QUICK,
      sessions: { enabled: 'off' },
      state_file: this.stateFile,
      ...rest,
    });
  }

  async #rest(): Promise<void> {
    if (!this.#rests) return;
    let quiet = 0;
    const isQuiet = () => {
      quiet = requestsUnderWay() === 0 && !isReadingFiles() ? quiet + 1 : 0;
      return quiet > 2;
    };
    await waitUntil(isQuiet, { everyMs: 0, what: 'every request and file' });
  }
}

/** One environment with its key, for configurations. */
export function environment(id: string, change: Configuration = {}) {
  return { id, environment_key: KEY, ...change };
}
