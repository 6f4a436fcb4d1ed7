import type { PollJob } from './poll-job.ts';

interface Entry {
  readonly at: number;
  readonly job: PollJob;
}

/**
 * Jobs by due time, the earliest first, those of the same time in their order: a binary heap. A job whose due time changes is pushed again; its old entry is
 * skipped when it comes up, because it no longer matches the due time.
 */
export class DueHeap {
  readonly #entries: Entry[] = [];

  push(job: PollJob): void {
    const entry = { at: job.dueAt, job };
    const entries = this.#entries;
    let at = entries.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, entries[parent]!)) break;
      entries[at] = entries[parent]!;
      at = parent;
    }
    entries[at] = entry;
  }

  /** When the next job is due; Infinity when there is none. */
  nextAt(): number {
    for (let first = this.#entries[0]; first !== undefined; first = this.#entries[0]) {
      if (isCurrent(first)) return first.at;
      this.#removeFirst();
    }
    return Number.POSITIVE_INFINITY;
  }

  /** The next job, which stays; null when there is none. */
  first(): PollJob | null {
    return this.nextAt() === Number.POSITIVE_INFINITY ? null : this.#entries[0]!.job;
  }

  /** Removes and returns the next job. Call `nextAt` first. */
  take(): PollJob {
    const { job } = this.#entries[0]!;
    this.#removeFirst();
    return job;
  }

  clear(): void {
    this.#entries.length = 0;
  }

  #removeFirst(): void {
    const entries = this.#entries;
    const last = entries.pop()!;
    if (entries.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= entries.length) break;
      if (child + 1 < entries.length && isBefore(entries[child + 1]!, entries[child]!)) child++;
      if (!isBefore(entries[child]!, last)) break;
      entries[at] = entries[child]!;
      at = child;
    }
    entries[at] = last;
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.at === other.at ? one.job.order < other.job.order : one.at < other.at;
}

function isCurrent({ at, job }: Entry): boolean {
  return !job.running && job.dueAt === at;
}
