import type { PollJob } from './poll-job.ts';

/**
 * A read is slow if its requests take this long or longer on average. With the default of 32 slots, only 16 such reads can
 * start per second; 1,000 environments need a hundred.
 */
export const SLOW_MS = 2000;

/**
 * Whether the next read of a job will probably hold its slot for long, as the last one did.
 *
 * @param msPerRequest the mean of the read that has ended; null if it does not tell
 */
export function isSlow({ slow, failing }: Pick<PollJob, 'slow' | 'failing'>, msPerRequest: number | null): boolean {
  if (failing === 'timeout') return true;
  return msPerRequest === null ? slow : msPerRequest >= SLOW_MS;
}

/**
 * Whether a read may be called off and repeated as a slow one: its job does not count as slow yet, and the read is a single
 * request, so nothing else is lost.
 */
export function mayBeRepeated({ slow, operation, requestsPerRead, waiting, scanState }: PollJob): boolean {
  if (slow || waiting) return false;
  if (operation === 'stats') return true;
  const isAtFirstPage = (scanState.fullScans.current?.pages ?? 0) === 0;
  return isAtFirstPage && requestsPerRead !== null && requestsPerRead < 1.5;
}
