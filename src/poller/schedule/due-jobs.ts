import { DueHeap } from './due-heap.ts';
import type { PollJob } from './poll-job.ts';

/**
 * The jobs that are due. Of those alike in all but their due time and their order, only the first may be the next one:
 * so a dispatch compares a few jobs, however many are due.
 */
export class DueJobs {
  readonly #alike = new Map<string, DueHeap>();

  add(job: PollJob): void {
    const kind = `${job.operation} ${job.intervalMs} ${job.slow} ${job.neverRead} ${job.provenAt !== null}`;
    const heap = this.#alike.get(kind) ?? new DueHeap();
    heap.push(job);
    this.#alike.set(kind, heap);
  }

  /** Of each kind, the one that has been due the longest. A job that has started no longer counts. */
  first(): readonly PollJob[] {
    const jobs: PollJob[] = [];
    // A heap that is empty stays: the next job of its kind is soon due.
    for (const heap of this.#alike.values()) {
      const job = heap.first();
      if (job !== null) jobs.push(job);
    }
    return jobs;
  }

  clear(): void {
    this.#alike.clear();
  }
}
