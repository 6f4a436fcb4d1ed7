import type { Dispatcher } from 'undici';
import { App } from '../app/app.ts';
import { type Clock, type EpochMs, seededRandom } from '../base/clock.ts';
import type { FileReader } from '../base/files.ts';
import type { Logger } from '../base/logger.ts';
import type { RequestSender } from '../client/transport.ts';
import { type LoadResult, loadConfig } from '../config/load.ts';
import type { DiagnosisReport } from '../diagnosis/report.ts';
import { Agenda, EventQueue } from '../simulator/agenda.ts';
import { answerRequest } from '../simulator/answer-request.ts';
import type { Simulation } from '../simulator/simulation.ts';
import type { StateDisk } from '../statefile/disk.ts';
import { FILES } from './exporter-configuration.ts';

export interface RehearsedExporterOptions {
  readonly time: StillTime;
  readonly seed: number;
  /** The texts of its configuration and of its keys, by path. */
  readonly files: ReadonlyMap<string, string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What sends the requests of a connection, by host. */
  readonly sender: (host: string) => RequestSender;
}

/** One replica: the real exporter in this process, with its restarts. */
export class RehearsedExporter {
  readonly #options: RehearsedExporterOptions;
  readonly #files = new InMemoryFiles();
  /** How far its wall clock is from the time of the rehearsal, milliseconds. */
  offsetMs = 0;
  #clock: StillClock | null = null;
  #app: App | null = null;
  #starts = 0;

  constructor(options: RehearsedExporterOptions) {
    this.#options = options;
    for (const [path, text] of options.files) this.#files.texts.set(path, text);
  }

  get isRunning(): boolean {
    return this.#app !== null;
  }

  /** What it says on /metrics; null: nothing. */
  get report(): DiagnosisReport | null {
    return this.#app?.conditions ?? null;
  }

  async start(): Promise<void> {
    const { time, seed, sender } = this.#options;
    const loaded = await this.load();
    if (!loaded.ok) throw new Error('the configuration was checked before');
    const clock = time.clock(() => this.offsetMs);
    const app = await App.prepare(loaded.config, {
      clock,
      random: seededRandom(seed * 1009 + this.#starts++),
      logger: SILENT,
      env: {},
      build: { version: '0.0.0', revision: 'rehearsal', nodeVersion: process.version },
      files: this.#files.reader,
      stateDisk: this.#files.stateDisk,
      senders: ({ origin }) => sender(origin.hostname),
      load: () => this.load(),
    });
    this.#clock = clock;
    await app.start();
    app.watchConditions();
    this.#app = app;
  }

  /** @param how whether it has time to write its state file */
  stop(how: { readonly killed: boolean }): void {
    const [app, clock] = [this.#app, this.#clock];
    this.#app = null;
    if (how.killed) clock?.stop();
    else void app?.stop();
  }

  loseState(): void {
    this.#files.texts.delete(FILES.state);
  }

  load(): Promise<LoadResult> {
    return loadConfig({ path: FILES.config, env: this.#options.env, files: this.#files.reader });
  }
}

const nothing = () => {};
const SILENT: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** Sends requests to a simulation without a network. */
export class InMemoryRequests implements RequestSender {
  readonly #simulation: Simulation;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  dispatch({ path, headers }: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const controller = { aborted: false, paused: false, reason: null, rawHeaders: null, rawTrailers: null };
    const abort = (reason: Error) => Object.assign(controller, { aborted: true, reason });
    const full = Object.assign(controller, { abort, pause: () => {}, resume: () => {} });
    handler.onRequestStart?.(full, {});
    const about = { method: 'GET', url: String(path), headers: headers as Record<string, string>, body: undefined };
    void answerRequest(this.#simulation, { ...about, gone: () => controller.aborted }).then((answer) => {
      if (controller.aborted || answer.kind === 'hang') return;
      if (answer.kind === 'whole' || answer.kind === 'half') {
        handler.onResponseStart?.(full, answer.status, answer.headers, '');
        handler.onResponseData?.(full, Buffer.from(answer.kind === 'half' ? answer.body.slice(0, 10) : answer.body));
      }
      if (answer.kind === 'whole') handler.onResponseEnd?.(full, {});
      else handler.onResponseError?.(full, Object.assign(new Error('other side closed'), { code: 'ECONNRESET' }));
    });
    return true;
  }

  async close(): Promise<void> {}

  async destroy(): Promise<void> {}
}

/** The files of an exporter: its configuration, its keys, and the state file that outlives a restart. */
export class InMemoryFiles {
  readonly texts = new Map<string, string>();

  get reader(): FileReader {
    return {
      readFile: (path) => Buffer.from(this.#text(path)),
      readdir: (path) =>
        [...this.texts.keys()].filter((file) => file.startsWith(`${path}/`)).map((file) => file.slice(path.length + 1)),
    };
  }

  get stateDisk(): StateDisk {
    return {
      read: async (path) => this.#text(path),
      readStart: async (path, bytes) => this.#text(path).slice(0, bytes),
      replace: async (path, content) => void this.texts.set(path, content),
      unlink: async (path) => void this.texts.delete(path),
      rename: async (from, to) => {
        this.texts.set(to, this.#text(from));
        this.texts.delete(from);
      },
      resolve: async (path) => path,
    };
  }

  #text(path: string): string {
    const text = this.texts.get(path);
    if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT', path });
    return text;
  }
}

/** Time that stands still while anything is under way, so that an hour takes as long as its work. */
export class StillTime {
  readonly #start: EpochMs;
  readonly #timers = new EventQueue(0);

  constructor(start: EpochMs) {
    this.#start = start;
  }

  /** A clock of this time, so many milliseconds ahead. */
  clock(ahead: () => number = () => 0): StillClock {
    return new StillClock(() => this.#start + ahead(), this.#timers);
  }

  /** Moves time on; what each timer starts comes to rest before the next one. */
  async advanceTo(ms: number): Promise<void> {
    await atRest();
    while (this.#timers.step(ms)) await atRest();
  }
}

/** The clock of one process, which may be wrong. */
export class StillClock implements Clock {
  readonly #start: () => EpochMs;
  readonly #timers: EventQueue;
  #isStopped = false;

  constructor(start: () => EpochMs, timers: EventQueue) {
    this.#start = start;
    this.#timers = timers;
  }

  now(): EpochMs {
    return this.#start() + this.#timers.now;
  }

  monotonic(): number {
    return this.#timers.now;
  }

  setTimer(delayMs: number, run: () => void): () => void {
    const timer = new Agenda(this.#timers);
    timer.at(this.#timers.now + Math.max(0, delayMs), () => {
      if (!this.#isStopped) run();
    });
    return () => timer.close();
  }

  /** Nothing happens by this clock any more, as in a process that is killed. */
  stop(): void {
    this.#isStopped = true;
  }
}

/** Requests, answers and files are promises in memory: a macrotask comes after all of them, those that they begin included. */
async function atRest(): Promise<void> {
  for (let turns = 0; turns < 2; turns++) await new Promise((resolve) => setImmediate(resolve));
}
