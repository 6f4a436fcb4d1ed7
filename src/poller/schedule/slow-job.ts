import type { PollJob } from './poll-job.ts';

/**
 * From so many milliseconds a request on, a read is slow. With the default of 32 slots, such reads let 16 start in a
 * second; 1,000 environments want a hundred.
 */
const SLOW_MS = 2000;

/**
 * Whether the next read of a job will probably hold its slot for long, as the last one did.
 *
 * @param msPerRequest - of the read that has ended, in the mean; null if it says nothing of that
 */
export function isSlow({ slow, failing }: Pick<PollJob, 'slow' | 'failing'>, msPerRequest: number | null): boolean {
  if (failing === 'timeout') return true;
  return msPerRequest === null ? slow : msPerRequest >= SLOW_MS;
}
