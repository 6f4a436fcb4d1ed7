import type { Clock } from '../../base/clock.ts';
import { ShortList } from '../../base/short-list.ts';
import type { PollJob } from '../schedule/poll-job.ts';
import { mayBeRepeated, SLOW_MS } from '../schedule/slow-job.ts';

interface RunningRead {
  readonly job: PollJob;
  /** Monotonic. */
  readonly startedAt: number;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/** Reads that hang may be cancelled until this long after another read waited for its whole deadline in vain. */
const HOPELESS_MS = 60_000;

/** The reads of a connection that are under way, at most one of each job. */
export class RunningReads {
  readonly #reads = new ShortList<RunningRead>();
  /** Controllers of reads that ended and were not called off, for reuse: a new one costs as much as the rest of `begin`. */
  readonly #unused: AbortController[] = [];
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** When a quick read last succeeded; monotonic. */
  #quickEndAt = Number.NEGATIVE_INFINITY;
  /** When a read last ended at its deadline, and when a slow one last ended before it; monotonic. */
  #timeoutAt = Number.NEGATIVE_INFINITY;
  #lateEndAt = Number.NEGATIVE_INFINITY;
  /** When a read was last found to hang whose job had not done so before; monotonic. */
  #hangAt = Number.NEGATIVE_INFINITY;
  readonly #beganToHang: (since: number) => void;

  /** @param beganToHang - told when the first reads in a minute are found to hang, with the time when one began */
  constructor(clock: Pick<Clock, 'monotonic'>, beganToHang: (since: number) => void = () => {}) {
    this.#clock = clock;
    this.#beganToHang = beganToHang;
  }

  /** Begins a read; calls `ended` after it, whether it failed or not. */
  begin(job: PollJob, read: (signal: AbortSignal) => Promise<void>, ended: () => void): void {
    const startedAt = this.#clock.monotonic();
    const abort = this.#unused.pop() ?? newController();
    const wasSlow = job.slow;
    const done = read(abort.signal).finally(() => {
      this.#reads.delete(running);
      if (!abort.signal.aborted) {
        this.#unused.push(abort);
        this.#learnFrom(job);
        if (job.failing === 'timeout' && !wasSlow) this.#noteHang(startedAt);
      }
      ended();
    });
    const running = { job, startedAt, abort, done };
    this.#reads.add(running);
  }

  /** Resolves when the present read of the job has ended, at once without one: to false if it was called off. */
  async endOf(job: PollJob): Promise<boolean> {
    const read = this.#readOf(job);
    await read?.done;
    return read?.abort.signal.aborted !== true;
  }

  /**
   * Cancels reads that hang although others that began later were answered, or although others have waited for their whole
   * deadline in vain. They count as slow from now on and are repeated as slow reads. If all answers are late, none is cancelled.
   *
   * @param isSlotNeeded whether a job that is not slow waits for a slot
   * @returns when to call this again, monotonic; Infinity if no read could be cancelled then
   */
  cancelHanging(isSlotNeeded: boolean): number {
    if (!isSlotNeeded) return Number.POSITIVE_INFINITY;
    const now = this.#clock.monotonic();
    const isHopeless = this.#timeoutAt > this.#lateEndAt && now - this.#timeoutAt < HOPELESS_MS;
    let next = Number.POSITIVE_INFINITY;
    for (const { job, startedAt, abort } of this.#reads.all()) {
      if ((startedAt > this.#quickEndAt && !isHopeless) || !mayBeRepeated(job)) continue;
      if (now < startedAt + SLOW_MS) next = Math.min(next, startedAt + SLOW_MS);
      else {
        job.slow = true;
        abort.abort();
        this.#noteHang(startedAt);
      }
    }
    return next;
  }

  /** A read that began then has been found to hang. */
  #noteHang(since: number): void {
    const now = this.#clock.monotonic();
    if (now - this.#hangAt >= HOPELESS_MS) this.#beganToHang(since);
    this.#hangAt = now;
  }

  #learnFrom({ slow, failing }: PollJob): void {
    const now = this.#clock.monotonic();
    if (failing === 'timeout') this.#timeoutAt = now;
    else if (slow) this.#lateEndAt = now;
    else if (failing === null) this.#quickEndAt = now;
  }

  /** Cancels the read of the job, if one is under way. */
  abort(job: PollJob): void {
    this.#readOf(job)?.abort.abort();
  }

  /** Cancels all reads; resolves when they have ended. */
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
 * A controller with a permanent listener: when the last listener of a signal is removed, Node replaces the table of
 * listeners, and again when the next one is added.
 */
function newController(): AbortController {
  const abort = new AbortController();
  abort.signal.addEventListener('abort', () => {});
  return abort;
}
