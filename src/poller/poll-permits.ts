import type { ScanPermits, ScanQuota } from '../scan/scan-quota.ts';
import { type PollJob, runsFullScan } from './poll-job.ts';

export interface PollPermitsDeps {
  readonly quota: ScanQuota;
  /** All jobs of the connection. */
  readonly jobs: Iterable<PollJob>;
  /** Called when the job begins to wait: its slot is free for another one. */
  waits(): void;
}

/**
 * The permits of one read: what flows in between two of them, divided by all jobs with a full scan, and more where
 * others leave some.
 */
export function pollPermits(job: PollJob, { quota, jobs, waits }: PollPermitsDeps): ScanPermits {
  const scanning = [...jobs].filter(runsFullScan).length;
  let left = quota.flowOf(job.intervalMs) / Math.max(1, scanning);
  return {
    tryTake: (urgent) => quota.tryTake(urgent ? 'urgent' : left-- >= 1 ? 'fair' : 'spare'),
    take: async (signal) => {
      job.waiting = true;
      // The pool of sockets is what bounds requests under way.
      waits();
      await quota.take(signal).finally(() => {
        job.waiting = false;
      });
    },
  };
}
