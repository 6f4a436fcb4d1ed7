import { ShortList } from '../../base/short-list.ts';
import type { PollJob } from './poll-job.ts';

/** How many slots are in use, and how many of them by which kind of job. */
export interface SlotsInUse {
  readonly inSlots: number;
  readonly slow: number;
  /** Jobs that are neither slow nor known to be answered now. */
  readonly unproven: number;
  /** Reads of lists, which may take many pages. */
  readonly lists: number;
}

/** The jobs of a connection that have a request under way: each holds one of the connection's slots. */
export class JobSlots {
  readonly #all = new ShortList<PollJob>();
  readonly #slow = new ShortList<PollJob>();
  readonly #unproven = new ShortList<PollJob>();
  readonly #lists = new ShortList<PollJob>();

  get size(): number {
    return this.#all.size;
  }

  inUse(): SlotsInUse {
    return { inSlots: this.#all.size, slow: this.#slow.size, unproven: this.#unproven.size, lists: this.#lists.size };
  }

  /** The jobs in slots that read a list. */
  lists(): readonly PollJob[] {
    return this.#lists.all();
  }

  /** The job takes a slot; what kind of job it is, is decided now. */
  take(job: PollJob): void {
    this.#all.add(job);
    if (job.slow) this.#slow.add(job);
    else if (job.provenAt === null) this.#unproven.add(job);
    if (job.operation === 'list') this.#lists.add(job);
  }

  /** The job leaves its slot; nothing happens if it has none. */
  leave(job: PollJob): void {
    this.#all.delete(job);
    this.#slow.delete(job);
    this.#unproven.delete(job);
    this.#lists.delete(job);
  }
}
