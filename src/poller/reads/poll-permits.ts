import type { ScanPermits } from '../../scan/steps/scan-request.ts';
import type { PollJob } from '../schedule/poll-job.ts';
import type { ScanQuota } from '../schedule/scan-quota.ts';

export interface PollPermitsDeps {
  readonly quota: ScanQuota;
  /** Jobs of the connection with a full scan under way. */
  readonly scanning: number;
  /** Called when the job begins to wait for a permit, which frees its slot for another job, and when it continues. */
  setWaiting(isWaiting: boolean): void;
}

/**
 * The permits of one read. Its fair part is what accrues between two of its reads, divided among all jobs with a full scan;
 * it gets more if others leave some.
 */
export function pollPermits(job: PollJob, { quota, scanning, setWaiting }: PollPermitsDeps): ScanPermits {
  let left = quota.permitsWithin(job.intervalMs) / Math.max(1, scanning);
  return {
    tryTake: (urgent) => quota.tryTake(urgent ? 'urgent' : left-- >= 1 ? 'fair' : 'spare'),
    take: async (signal) => {
      // A waiting job has no request under way, so it needs no slot; the socket pool limits requests.
      setWaiting(true);
      await quota.take(signal).finally(() => setWaiting(false));
    },
  };
}
