import { ShortList } from '../base/short-list.ts';
import type { PollJob } from './schedule/poll-job.ts';

interface RunningRead {
  readonly job: PollJob;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/** The reads of a connection that are under way, at most one of each job. */
export class RunningReads {
  readonly #reads = new ShortList<RunningRead>();
  /** Of reads that have ended and were not called off. Making one costs as much as the rest of a beginning. */
  readonly #unused: AbortController[] = [];

  /** Begins a read; calls `ended` after it, whether it failed or not. */
  begin(job: PollJob, read: (signal: AbortSignal) => Promise<void>, ended: () => void): void {
    const abort = this.#unused.pop() ?? newController();
    const done = read(abort.signal).finally(() => {
      this.#reads.delete(running);
      if (!abort.signal.aborted) this.#unused.push(abort);
      ended();
    });
    const running = { job, abort, done };
    this.#reads.add(running);
  }

  /** Resolves when the present read of the job has ended; at once without one. */
  async endOf(job: PollJob): Promise<void> {
    await this.#readOf(job)?.done;
  }

  abort(job: PollJob): void {
    this.#readOf(job)?.abort.abort();
  }

  /** Resolves when all reads that are under way now have ended. */
  async abortAll(): Promise<void> {
    const reads = this.#reads.all();
    for (const { abort } of reads) abort.abort();
    await Promise.all(reads.map(({ done }) => done));
  }

  #readOf(job: PollJob): RunningRead | undefined {
    return this.#reads.find((running) => running.job === job);
  }
}

/**
 * Something always listens: when the last listener of a signal leaves, Node makes a new table without it, and another one
 * when the next listener comes.
 */
function newController(): AbortController {
  const abort = new AbortController();
  abort.signal.addEventListener('abort', () => {});
  return abort;
}
