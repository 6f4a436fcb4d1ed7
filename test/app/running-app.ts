import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from '../../src/app/app.ts';
import { seededRandom } from '../../src/base/clock.ts';
import { BoundedFiles, type FileReader, nodeFiles } from '../../src/base/files.ts';
import type { LogFields, Logger } from '../../src/base/logger.ts';
import type { ConfigFlags } from '../../src/config/environment.ts';
import { loadConfig } from '../../src/config/load.ts';
import { formatProblem } from '../../src/config/problem.ts';
import type { Operation } from '../../src/domain/environment.ts';
import type { EnvironmentState } from '../../src/state/environment-state.ts';
import { type ParsedSample, parseExposition } from '../support/exposition-parser.ts';
import { ManualClock, settle } from '../support/manual-clock.ts';
import { isWaitingForOthers } from '../support/under-way.ts';
import { waitUntil } from '../support/wait-until.ts';

export interface LogLine extends LogFields {
  readonly level: string;
  readonly msg: string;
}

/** What passes between two looks at a condition, ms on the app's clock. */
const STEP_MS = 100;

/**
 * A whole exporter on a free port, with files of its own and time that passes only while a test waits for something,
 * and not while the machine's files are being read.
 */
export class RunningApp implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'app-'));
  readonly clock: ManualClock;
  readonly log: LogLine[] = [];
  /** The machine's, or what reads in place of them, with the deadline on the app's clock. */
  readonly files: FileReader;
  app!: App;
  url = '';
  #flags: ConfigFlags = {};
  #env: Readonly<Record<string, string>> = {};

  constructor(files: FileReader | null = null, clock: ManualClock | null = null) {
    const counted = new CountedFiles(nodeFiles);
    this.clock = clock ?? new ManualClock(Date.now(), () => counted.settled());
    this.files = files === null ? counted : new BoundedFiles(files, this.clock);
  }

  /** Writes the configuration, and starts with it; `env` has the variables that an exporter reads while it runs. */
  static async start(configuration: unknown, env: Readonly<Record<string, string>> = {}): Promise<RunningApp> {
    await using resources = new AsyncDisposableStack();
    const running = resources.use(new RunningApp());
    running.#env = env;
    running.configure(configuration);
    await running.serve();
    // What cannot start leaves nothing behind.
    resources.move();
    return running;
  }

  /** `flags` as the command line would give them; any free port unless they say otherwise. */
  async serve(flags: ConfigFlags = { listen: '127.0.0.1:0' }): Promise<void> {
    this.#flags = flags;
    const loaded = await this.#load();
    if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
    this.app = await App.prepare(loaded.config, {
      clock: this.clock,
      random: seededRandom(1),
      logger: this.#logger(),
      env: this.#env,
      build: { version: '1.2.3', revision: 'abc', nodeVersion: process.version },
      load: () => this.#load(),
      files: this.files,
    });
    this.url = (await this.app.serve(loaded.notices)).url;
  }

  /** Replaces the configuration file. */
  configure(configuration: unknown): void {
    const text = typeof configuration === 'string' ? configuration : JSON.stringify(configuration);
    writeFileSync(this.path('config.yaml'), text);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  async reload(): Promise<{ status: number; body: unknown }> {
    const answer = await fetch(`${this.url}/-/reload`, { method: 'POST' });
    return { status: answer.status, body: await answer.json() };
  }

  state(id: string): EnvironmentState {
    const state = this.app.states.get(id);
    if (state === undefined) throw new Error(`${id} is not watched`);
    return state;
  }

  /** Whether an operation of an environment was read well after a moment of the app's clock. */
  readSince(id: string, operation: Operation, since = 0): boolean {
    return (this.app.states.get(id)?.operations[operation].lastSuccessAt ?? 0) > since;
  }

  /** As it is: to pack and unpack it would cost more than to make it. */
  async exposition(): Promise<string> {
    const headers = { 'accept-encoding': 'identity' };
    return await (await fetch(`${this.url}/metrics`, { headers })).text();
  }

  /** The status page. */
  async page(): Promise<string> {
    return await (await fetch(this.url)).text();
  }

  /** The samples of a metric, without the prefix. */
  async samples(name: string): Promise<readonly ParsedSample[]> {
    const families = parseExposition(await this.exposition(), 'prometheus');
    return families.find((family) => family.name === `anthropic_work_${name}`)?.samples ?? [];
  }

  /** The only number of a metric, or of its samples with these labels. */
  async value(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number | undefined> {
    const samples = await this.samples(name);
    return samples.find((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
      ?.value;
  }

  events(event: string): readonly LogLine[] {
    return this.log.filter((line) => line.event === event);
  }

  /** Lets time pass until something is true. */
  async waitUntil(condition: () => boolean | Promise<boolean>): Promise<void> {
    await waitUntil(condition, {
      everyMs: () => (isWaitingForOthers() ? 2 : 0),
      meanwhile: () => this.clock.advance(STEP_MS),
      details: () => JSON.stringify(this.log, null, 1),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app?.stop();
    rmSync(this.folder, { recursive: true });
  }

  #load() {
    return loadConfig({
      path: this.path('config.yaml'),
      env: {},
      flags: this.#flags,
      files: this.files,
    });
  }

  #logger(): Logger {
    const write = (level: string) => (fields: LogFields, msg: string) => void this.log.push({ level, msg, ...fields });
    return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  }
}

/** Files of the machine, and whether they are being read: a busy disk takes real time, and that is not a test's time. */
class CountedFiles implements FileReader {
  readonly #files: FileReader;
  #reads = 0;

  constructor(files: FileReader) {
    this.#files = files;
  }

  readFile(path: string, limit: number) {
    return this.#counted(this.#files.readFile(path, limit));
  }

  readdir(path: string) {
    return this.#counted(this.#files.readdir(path));
  }

  stamp(path: string) {
    return this.#counted(this.#files.stamp!(path));
  }

  /** Resolves when nothing is being read, and what comes of the last read has had its turn. */
  async settled(): Promise<void> {
    await settle();
    while (this.#reads > 0) {
      await waitUntil(() => this.#reads === 0, { what: 'the reads of files', everyMs: 1 });
      await settle();
    }
  }

  #counted<T>(read: Promise<T> | T): Promise<T> | T {
    if (!(read instanceof Promise)) return read;
    this.#reads++;
    return read.finally(() => void this.#reads--);
  }
}
