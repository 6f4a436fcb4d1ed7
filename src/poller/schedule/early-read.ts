import type { PollJob } from './poll-job.ts';

/** The outcome of a read ahead of the schedule: it has ended; there is no token or slot for it; or it must wait. */
export type EarlyRead = 'read' | 'over_budget' | 'not_now';

/** Backoff, and a wait that the API asked for, apply to early reads too. */
export function mustWait({ failing, dueAt, heldUntil }: PollJob, now: number): boolean {
  return (failing !== null && dueAt > now) || (heldUntil !== undefined && heldUntil > now);
}
