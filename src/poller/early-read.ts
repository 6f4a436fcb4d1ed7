import type { PollJob } from './poll-job.ts';

/** How a read ahead of the schedule went: it ended; the budget has no token or slot for it; or it had to wait its turn. */
export type EarlyRead = 'read' | 'over_budget' | 'not_now';

/** Backoff, and a wait that the API asked for, apply whoever asks for the read. */
export function mustWait({ failing, dueAt, heldUntil }: PollJob, now: number): boolean {
  return (failing !== null && dueAt > now) || (heldUntil !== undefined && heldUntil > now);
}
