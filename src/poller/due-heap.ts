import type { PollJob } from './poll-job.ts';

/**
 * Jobs by due time, the earliest first, those of the same time in their order: a binary heap. A job whose due time
 * changes is pushed again; its old entry is skipped when it comes up, because it no longer matches the due time. Two
 * arrays: an object for each entry would live from read to read, and such objects are freed only by a full garbage
 * collection.
 */
export class DueHeap {
  readonly #times: number[] = [];
  readonly #jobs: PollJob[] = [];

  push(job: PollJob): void {
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
      const [at, job] = [this.#times[0]!, this.#jobs[0]!];
      if (!job.running && job.dueAt === at) return at;
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
