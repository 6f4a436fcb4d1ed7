import { DueHeap } from './due-heap.ts';
import type { PollJob } from './poll-job.ts';

/**
 * The jobs that are due, grouped by everything that decides which goes next except due time and order. Only the first job of
 * each group can be next, so a dispatch compares a few jobs, however many are due.
 */
export class DueJobs {
  readonly #alike = new Map<string, DueHeap>();

  add(job: PollJob): void {
    const kind = `${job.operation} ${job.intervalMs} ${job.slow} ${job.neverRead} ${job.provenAt !== null}`;
    const heap = this.#alike.get(kind) ?? new DueHeap();
    heap.push(job);
    this.#alike.set(kind, heap);
  }

  /** The job of each group that has been due the longest. Jobs that have started do not count. */
  first(): readonly PollJob[] {
    const jobs: PollJob[] = [];
    // An empty heap is kept, because another job of its group will be due soon.
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
