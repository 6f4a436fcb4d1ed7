import type { PollJob } from './poll-job.ts';

/**
 * From so many milliseconds a request on, a read is slow. With the default of 32 slots, such reads let 16 start in a
 * second; 1,000 environments want a hundred.
 */
export const SLOW_MS = 2000;

/**
 * Whether the next read of a job will probably hold its slot for long, as the last one did.
 *
 * @param msPerRequest - of the read that has ended, in the mean; null if it says nothing of that
 */
export function isSlow({ slow, failing }: Pick<PollJob, 'slow' | 'failing'>, msPerRequest: number | null): boolean {
  if (failing === 'timeout') return true;
  return msPerRequest === null ? slow : msPerRequest >= SLOW_MS;
}

/**
 * Whether a read may be called off to be repeated with the slow ones: it is one request, so nothing is lost but that,
 * and its job does not count as slow yet.
 */
export function mayBeRepeated({ slow, operation, requestsPerRead, waiting, scanState }: PollJob): boolean {
  if (slow || waiting) return false;
  if (operation === 'stats') return true;
  const isAtFirstPage = (scanState.fullScans.current?.pages ?? 0) === 0;
  return isAtFirstPage && requestsPerRead !== null && requestsPerRead < 1.5;
}
