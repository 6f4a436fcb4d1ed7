import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { setAwakeTimer } from '../awake-timer.ts';
import type { CancelTimer, Clock } from '../clock.ts';
import { errorText } from '../errors.ts';
import { FileFault } from './file-reader.ts';
import type { FileAnswer, FileQuestion, FileThreadReady } from './file-worker.ts';
import type { ReadsElsewhere } from './pool-files.ts';

/** A thread whose read takes longer keeps that read, and the next reads get another thread. */
const SLOW_MS = 500;
/** A new thread first has to start, which may take seconds on a busy machine, and says nothing about the file. */
const SLOW_START_MS = 5000;
/** How many threads may be held by reads that hang. */
const MOST_HELD = 16;

/** Next to this file, in the sources and in a build. */
const FILE_WORKER = new URL(`./file-worker${extname(import.meta.url)}`, import.meta.url);

interface Job {
  readonly question: FileQuestion;
  readonly settle: (answer: FileAnswer) => void;
}

/**
 * Reads files on its own threads. A read that hangs, for instance on a network disk, then blocks one of these threads
 * and nothing else: Node's own file functions share four threads with name lookups, so four hanging reads would stop
 * everything.
 */
export class WorkerFiles implements ReadsElsewhere {
  readonly #clock: Clock;
  readonly #module: URL;
  readonly #waiting: Job[] = [];
  readonly #held = new Set<Worker>();
  #worker: Worker | null = null;
  #busy = false;

  /** @param module the module that the threads run */
  constructor(clock: Clock, module = FILE_WORKER) {
    this.#clock = clock;
    this.#module = module;
  }

  /** Reads that hang: the process cannot exit by itself until they end. */
  get held(): number {
    return this.#held.size;
  }

  /** Ends the thread that waits for the next read; a later read starts another. */
  rest(): void {
    if (this.#busy) return;
    void this.#worker?.terminate();
    this.#worker = null;
  }

  async readFile(path: string, limit: number): Promise<Uint8Array> {
    return (await this.#ask({ kind: 'file', path, limit })) as Uint8Array;
  }

  async readdir(path: string): Promise<readonly string[]> {
    return (await this.#ask({ kind: 'names', path })) as readonly string[];
  }

  async stamps(paths: readonly string[]): Promise<readonly (string | null)[]> {
    return (await this.#ask({ kind: 'stamps', paths })) as readonly (string | null)[];
  }

  async #ask(question: FileQuestion) {
    const answer = await new Promise<FileAnswer>((settle) => {
      this.#waiting.push({ question, settle });
      this.#next();
    });
    if (answer.ok) return answer.value;
    const { fault, code, message } = answer;
    throw fault ? new FileFault(code ?? 'file_fault', message) : Object.assign(new Error(message), { code });
  }

  #next(): void {
    if (this.#busy) return;
    if (this.#held.size >= MOST_HELD) {
      const message = `is not read: ${MOST_HELD} other files do not answer`;
      for (const { settle } of this.#waiting.splice(0)) {
        settle({ ok: false, fault: true, code: 'file_not_tried', message });
      }
    }
    const job = this.#waiting.shift();
    if (job === undefined) return;
    this.#busy = true;
    const isNew = this.#worker === null;
    this.#worker ??= this.#start();
    this.#run(job, this.#worker, isNew ? SLOW_START_MS : SLOW_MS);
  }

  #run({ question, settle }: Job, worker: Worker, slowMs: number): void {
    let cancelTimer: CancelTimer = () => {};
    const end = (answer: FileAnswer, gone: boolean) => {
      cancelTimer();
      worker.off('message', answered).off('error', failed).off('exit', left);
      settle(answer);
      const wasHeld = this.#held.delete(worker);
      if (gone || wasHeld) void worker.terminate();
      if (gone && this.#worker === worker) this.#worker = null;
      if (!wasHeld) {
        // Idle threads must not keep a command from ending.
        worker.unref();
        this.#busy = false;
      }
      this.#next();
    };
    const answered = (answer: FileAnswer | FileThreadReady) => {
      if (answer !== 'ready') end(answer, false);
      else if (!this.#held.has(worker)) holdAfter(SLOW_MS);
    };
    const failed = (error: unknown) => end({ ok: false, fault: false, code: null, message: errorText(error) }, true);
    const left = () => failed('the thread that reads files has ended');
    const holdAfter = (ms: number) => {
      cancelTimer();
      cancelTimer = setAwakeTimer(this.#clock, ms, () => {
        this.#held.add(worker);
        worker.unref();
        this.#worker = null;
        this.#busy = false;
        this.#next();
      });
    };
    worker.on('message', answered).on('error', failed).on('exit', left);
    worker.ref();
    worker.postMessage(question);
    holdAfter(slowMs);
  }

  #start(): Worker {
    // This thread reads keys: it gets none of the variables and flags of the process.
    const worker = new Worker(this.#module, { env: {}, execArgv: [] });
    // A thread that dies while idle needs no report: its next read will fail and say so.
    return worker.on('error', () => {});
  }
}
