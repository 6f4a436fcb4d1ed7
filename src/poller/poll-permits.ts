import type { ScanPermits, ScanQuota } from '../scan/scan-quota.ts';
import type { PollJob } from './poll-job.ts';

export interface PollPermitsDeps {
  readonly quota: ScanQuota;
  /** Jobs of the connection with a full scan under way. */
  readonly scanning: number;
  /** Called when the job begins to wait, which frees its slot for another one, and when it goes on. */
  waits(waits: boolean): void;
}

/**
 * The permits of one read: what flows in between two of them, divided by all jobs with a full scan, and more where
 * others leave some.
 */
export function pollPermits(job: PollJob, { quota, scanning, waits }: PollPermitsDeps): ScanPermits {
  let left = quota.flowOf(job.intervalMs) / Math.max(1, scanning);
  return {
    tryTake: (urgent) => quota.tryTake(urgent ? 'urgent' : left-- >= 1 ? 'fair' : 'spare'),
    take: async (signal) => {
      // The pool of sockets is what bounds requests under way.
      waits(true);
      await quota.take(signal).finally(() => waits(false));
    },
  };
}
