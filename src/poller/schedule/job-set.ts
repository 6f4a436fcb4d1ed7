import { adoptPollJob, type PollJob, type PollJobName, pollJobKey } from './poll-job.ts';

/** Which jobs one connection has. */
export class JobSet {
  #jobs: ReadonlyMap<string, PollJob> = new Map();
  /** The same jobs as a set: every read that ends asks for one, and a look into `#jobs` would build a key each time. */
  #present: ReadonlySet<PollJob> = new Set();
  #environmentIds: readonly string[] = [];
  #listedIds: readonly string[] = [];

  get(name: PollJobName): PollJob | undefined {
    return this.#jobs.get(pollJobKey(name));
  }

  has(job: PollJob): boolean {
    return this.#present.has(job);
  }

  all(): Iterable<PollJob> {
    return this.#jobs.values();
  }

  get size(): number {
    return this.#jobs.size;
  }

  /** Each environment once; the same array as long as the jobs are the same. */
  get environmentIds(): readonly string[] {
    return this.#environmentIds;
  }

  /** The environments whose list is read; the same array as long as the jobs are the same. */
  get listedIds(): readonly string[] {
    return this.#listedIds;
  }

  /** Those of `jobs` that are new. */
  newAmong(jobs: readonly PollJob[]): PollJob[] {
    return jobs.filter((job) => !this.#jobs.has(pollJobKey(job)));
  }

  /** Replaces all jobs and returns the removed ones. A known job keeps its schedule. */
  replace(jobs: readonly PollJob[]): PollJob[] {
    const before = this.#jobs;
    const now = new Map<string, PollJob>();
    for (const job of jobs) {
      const key = pollJobKey(job);
      now.set(key, adoptPollJob(before.get(key), job));
    }
    this.#jobs = now;
    this.#present = new Set(this.#jobs.values());
    const present = [...this.#present];
    this.#environmentIds = [...new Set(present.map(({ environment }) => environment.id))];
    this.#listedIds = present.flatMap(({ environment, operation }) => (operation === 'list' ? environment.id : []));
    return [...before.values()].filter((job) => !this.#present.has(job));
  }
}
