import type { PollJob } from './poll-job.ts';

/** With up to this many entries, old ones are not worth removing. */
const FEW = 32;

/**
 * Jobs by due time, the earliest first, those of the same time in their order: a binary heap. A job whose due time
 * changes is pushed again; its old entry is skipped when it comes up, because it no longer matches the due time. Two
 * arrays: an object for each entry would live from read to read, and such objects are freed only by a full garbage
 * collection.
 */
export class DueHeap {
  #times: number[] = [];
  #jobs: PollJob[] = [];
  /** The number of entries at which half of them may be old, so that it is worth removing those. */
  #tidyAt = FEW;

  /** How many entries there are, old ones among them. */
  get size(): number {
    return this.#times.length;
  }

  push(job: PollJob): void {
    if (this.size >= this.#tidyAt) this.#removeOld();
    const at = job.dueAt;
    let place = this.#times.push(at) - 1;
    this.#jobs.push(job);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#isBefore(at, job, parent)) break;
      this.#move(parent, place);
      place = parent;
    }
    this.#put(at, job, place);
  }

  /** When the next job is due; Infinity when there is none. */
  nextAt(): number {
    while (this.#times.length > 0) {
      if (this.#isCurrent(0)) return this.#times[0]!;
      this.#removeFirst();
    }
    return Number.POSITIVE_INFINITY;
  }

  /** The next job, which stays; null when there is none. */
  first(): PollJob | null {
    return this.nextAt() === Number.POSITIVE_INFINITY ? null : this.#jobs[0]!;
  }

  /** Removes and returns the next job. Call `nextAt` first. */
  take(): PollJob {
    const job = this.#jobs[0]!;
    this.#removeFirst();
    return job;
  }

  clear(): void {
    this.#times.length = 0;
    this.#jobs.length = 0;
  }

  /**
   * Removes outdated entries. Otherwise they would stay until their time: for a list that is read once a day, that is a
   * day.
   */
  #removeOld(): void {
    const current = new Set(this.#jobs.filter((_, place) => this.#isCurrent(place)));
    // A sorted array is a heap.
    this.#jobs = [...current].sort((one, other) => one.dueAt - other.dueAt || one.order - other.order);
    this.#times = this.#jobs.map(({ dueAt }) => dueAt);
    this.#tidyAt = Math.max(FEW, 2 * this.size);
  }

  #isCurrent(place: number): boolean {
    const job = this.#jobs[place]!;
    return !job.running && job.dueAt === this.#times[place];
  }

  #removeFirst(): void {
    // The last entry sinks from the top to its place, and smaller ones move up.
    const at = this.#times.pop()!;
    const job = this.#jobs.pop()!;
    const { length } = this.#times;
    if (length === 0) return;
    let place = 0;
    for (let child = 1; child < length; child = 2 * place + 1) {
      if (child + 1 < length && this.#isBefore(this.#times[child + 1]!, this.#jobs[child + 1]!, child)) child++;
      if (this.#isBefore(at, job, child)) break;
      this.#move(child, place);
      place = child;
    }
    this.#put(at, job, place);
  }

  /** Whether a job that is due then goes before the entry at a place. */
  #isBefore(at: number, job: PollJob, place: number): boolean {
    const other = this.#times[place]!;
    return at === other ? job.order < this.#jobs[place]!.order : at < other;
  }

  #move(from: number, to: number): void {
    this.#put(this.#times[from]!, this.#jobs[from]!, to);
  }

  #put(at: number, job: PollJob, place: number): void {
    this.#times[place] = at;
    this.#jobs[place] = job;
  }
}
