import { DueHeap } from './due-heap.ts';
import { DueJobs } from './due-jobs.ts';
import { spreadFirstReads } from './first-reads.ts';
import { JobSet } from './job-set.ts';
import { JobSlots } from './job-slots.ts';
import { nextPollJob } from './next-poll-job.ts';
import { type PollJob, type PollJobName, runsFullScan } from './poll-job.ts';
import { tickMs } from './ticks.ts';

/**
 * The jobs of one connection in time: which of them are due, running, or in a full scan. Everything is updated as jobs change, so
 * that a dispatch visits only the jobs that are due and not the whole fleet.
 */
export class JobQueue {
  readonly #jobs = new JobSet();
  readonly #later = new DueHeap();
  readonly #due = new DueJobs();
  readonly #slots = new JobSlots();
  /** Slow jobs, whether or not they are running. */
  readonly #slow = new Set<PollJob>();
  /** Jobs without a slot that may have a full scan under way. Most reads are of a whole list and never get here. */
  readonly #mayScan = new Set<PollJob>();

  get(name: PollJobName): PollJob | undefined {
    return this.#jobs.get(name);
  }

  all(): Iterable<PollJob> {
    return this.#jobs.all();
  }

  /** How many jobs there are. */
  get size(): number {
    return this.#jobs.size;
  }

  /** Each environment once; the same array as long as the jobs are the same. */
  get environmentIds(): readonly string[] {
    return this.#jobs.environmentIds;
  }

  /** The environments whose list is read; the same array as long as the jobs are the same. */
  get listedIds(): readonly string[] {
    return this.#jobs.listedIds;
  }

  get slotsInUse(): number {
    return this.#slots.size;
  }

  /** Jobs with a full scan under way. */
  scanning(): PollJob[] {
    return [...this.#slots.lists(), ...this.#mayScan].filter((job) => this.#jobs.has(job) && runsFullScan(job));
  }

  /** Replaces all jobs and returns the removed ones. A known job keeps its schedule. */
  replace(jobs: readonly PollJob[]): PollJob[] {
    spreadFirstReads(this.#jobs.newAmong(jobs));
    const removed = this.#jobs.replace(jobs);
    for (const some of [this.#mayScan, this.#slow]) for (const job of some) if (!this.#jobs.has(job)) some.delete(job);
    this.reschedule();
    return removed;
  }

  /** To be called when any due time may have changed. */
  reschedule(): void {
    this.#later.clear();
    this.#due.clear();
    for (const job of this.#jobs.all()) if (!job.running) this.#later.push(job);
  }

  /** Reads have begun to hang: only jobs that were answered since then stay proven. `since` is monotonic. */
  forgetProvenBefore(since: number): void {
    const isAnswered = (job: PollJob | undefined) =>
      job !== undefined && job.provenAt !== null && job.provenAt >= since;
    for (const job of this.#jobs.all()) {
      const other = job.operation === 'stats' ? 'list' : 'stats';
      if (!isAnswered(job) && !isAnswered(this.get({ ...job, operation: other }))) job.provenAt = null;
    }
    this.reschedule();
  }

  /** The due time of one job has changed. */
  dueTimeChanged(job: PollJob): void {
    if (!job.running) this.#later.push(job);
  }

  /** The due job to start now, or null. `now` is monotonic. */
  next(now: number, maxConcurrent: number): PollJob | null {
    const { tickMs } = this;
    const until = tickMs === 0 ? now : Math.floor(now / tickMs) * tickMs;
    while (this.#later.nextAt() <= until) this.#due.add(this.#later.take());
    const slowShare = this.#slow.size / Math.max(1, this.#jobs.size);
    return nextPollJob(this.#due.first(), { now, running: this.#slots.inUse(), maxConcurrent, slowShare });
  }

  /** Whether a job is due and waits for a slot or a token. */
  get hasDue(): boolean {
    return this.#due.first().length > 0;
  }

  /** Whether a job that is not slow is due and waits. */
  get hasQuickDue(): boolean {
    return this.#due.first().some(({ slow }) => !slow);
  }

  /** When the next job becomes due, monotonic; Infinity for never. */
  nextDueAt(): number {
    const at = this.#later.nextAt();
    const { tickMs } = this;
    return tickMs === 0 ? at : Math.ceil(at / tickMs) * tickMs;
  }

  /** A read of the job has started, and takes a slot. */
  started(job: PollJob): void {
    job.running = true;
    job.waiting = false;
    this.#takeSlot(job);
  }

  /** The read of the job has ended, and its due time is that of the next one. */
  ended(job: PollJob): void {
    job.running = false;
    this.#slots.leave(job);
    if (!this.#jobs.has(job)) return;
    if (runsFullScan(job)) this.#mayScan.add(job);
    if (job.slow) this.#slow.add(job);
    else this.#slow.delete(job);
    this.#later.push(job);
  }

  /** While a running job waits for a permit it has no request under way, and its slot is free for another job. */
  setWaiting(job: PollJob, isWaiting: boolean): void {
    job.waiting = isWaiting;
    if (!isWaiting) this.#takeSlot(job);
    else {
      this.#slots.leave(job);
      if (this.#jobs.has(job)) this.#mayScan.add(job);
    }
  }

  /** All requests of a running job have ended, so that its slot is free, though the read is not published yet. */
  leaveSlot(job: PollJob): void {
    job.waiting = true;
    this.#slots.leave(job);
    if (this.#jobs.has(job) && runsFullScan(job)) this.#mayScan.add(job);
  }

  /** Milliseconds within which starts are batched; 0 for a small fleet, in which every read starts exactly on time. */
  get tickMs(): number {
    return tickMs(this.#jobs.size);
  }

  #takeSlot(job: PollJob): void {
    this.#slots.take(job);
    this.#mayScan.delete(job);
  }
}
