import type { EpochMs } from '../../base/clock.ts';
import type { WorkRecord } from './work-record.ts';

/** The stats of an environment, with times as numbers. */
export interface QueueCounts {
  readonly depth: number;
  readonly pending: number;
  readonly oldestQueuedAt: EpochMs | null;
  readonly workersPolling: number;
}

/** Counts queued items: one that was handed out is pending, one that nobody has is depth. */
export function countQueued(queued: ReadonlySet<WorkRecord>): Omit<QueueCounts, 'workersPolling'> {
  let pending = 0;
  let oldestQueuedAt: EpochMs | null = null;
  for (const work of queued) {
    if (work.claimedAt !== null) pending++;
    oldestQueuedAt = Math.min(oldestQueuedAt ?? work.queuedAt, work.queuedAt);
  }
  return { depth: queued.size - pending, pending, oldestQueuedAt };
}

/** The longest-waiting item that may be handed out: not claimed, or claimed at or before `reclaimable`. */
export function firstClaimable(queued: ReadonlySet<WorkRecord>, reclaimable: EpochMs): WorkRecord | null {
  for (const work of queued) {
    if (work.claimable && (work.claimedAt === null || work.claimedAt <= reclaimable)) return work;
  }
  return null;
}

/** The window of `workers_polling` (docs/design/work-api.md#queue-stats). */
const WINDOW_MS = 30_000;

/** Which workers polled in the last 30 s, by worker id. */
export class PollWindow {
  readonly #lastPoll = new Map<string, EpochMs>();

  seen(workerId: string, now: EpochMs): void {
    this.#lastPoll.set(workerId, now);
  }

  count(now: EpochMs): number {
    for (const [workerId, at] of this.#lastPoll) if (now - at >= WINDOW_MS) this.#lastPoll.delete(workerId);
    return this.#lastPoll.size;
  }
}
