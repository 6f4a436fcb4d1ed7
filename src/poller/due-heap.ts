import type { PollJob } from './poll-job.ts';

/** Up to this many entries, it does not matter which of them are old. */
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
  /** With so many entries, half of them may be old. */
  #tidyAt = FEW;

  /** How many entries there are, old ones among them. */
  get size(): number {
    return this.#times.length;
  }

  push(job: PollJob): void {
    if (this.size >= this.#tidyAt) this.#removeOld();
    let place = this.#times.push(job.dueAt) - 1;
    this.#jobs.push(job);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#isBefore(place, parent)) break;
      this.#swap(place, parent);
      place = parent;
    }
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

  /** An old entry may come up in a day: that of a list that is read once a day, and sooner whenever something moves. */
  #removeOld(): void {
    const current = new Set(this.#jobs.filter((_, place) => this.#isCurrent(place)));
    // In ascending order, jobs are a heap.
    this.#jobs = [...current].sort((one, other) => one.dueAt - other.dueAt || one.order - other.order);
    this.#times = this.#jobs.map(({ dueAt }) => dueAt);
    this.#tidyAt = Math.max(FEW, 2 * this.size);
  }

  #isCurrent(place: number): boolean {
    const job = this.#jobs[place]!;
    return !job.running && job.dueAt === this.#times[place];
  }

  #removeFirst(): void {
    this.#swap(0, this.#times.length - 1);
    this.#times.pop();
    this.#jobs.pop();
    for (let place = 0; ; ) {
      let child = 2 * place + 1;
      if (child + 1 < this.#times.length && this.#isBefore(child + 1, child)) child++;
      if (child >= this.#times.length || !this.#isBefore(child, place)) return;
      this.#swap(place, child);
      place = child;
    }
  }

  #isBefore(one: number, other: number): boolean {
    const [at, otherAt] = [this.#times[one]!, this.#times[other]!];
    return at === otherAt ? this.#jobs[one]!.order < this.#jobs[other]!.order : at < otherAt;
  }

  #swap(one: number, other: number): void {
    const [times, jobs] = [this.#times, this.#jobs];
    [times[one], times[other]] = [times[other]!, times[one]!];
    [jobs[one], jobs[other]] = [jobs[other]!, jobs[one]!];
  }
}
