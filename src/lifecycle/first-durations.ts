import type { EpochMs } from '../base/clock.ts';
import type { WorkItem, WorkState } from '../domain/work.ts';
import {
  type ItemEvents,
  type QueuedSince,
  queuedBetween,
  type Sighting,
  STAMP_SLACK_MS,
  waitEvent,
} from './ledger-item.ts';

/** What the stop of an unknown item is judged by: its state, and what the ledger knows of other items. */
interface StopContext {
  readonly state: WorkState;
  readonly settledUntil: EpochMs;
  readonly allLiveKnown: boolean;
}

/** Whether the item's acknowledgement belongs to its present run; otherwise it is left from an earlier one. */
export function acknowledgesPresentRun({ acknowledgedAt, state }: WorkItem, enqueuedAt: EpochMs | null): boolean {
  return (
    acknowledgedAt !== null &&
    state !== 'queued' &&
    (enqueuedAt === null || enqueuedAt <= acknowledgedAt + STAMP_SLACK_MS)
  );
}

/**
 * Of the first sighting of an item: since when the present run has waited, or had waited when it was acknowledged; null if no
 * stamp tells.
 */
export function firstQueuedSince(
  { item, at }: Sighting,
  enqueuedAt: EpochMs | null,
  { state, requeued, settledUntil }: { state: WorkState; requeued: boolean; settledUntil: EpochMs },
): QueuedSince | null {
  const { createdAt, acknowledgedAt, stoppedAt } = item;
  const acknowledged = state !== 'queued' && acknowledgedAt !== null;
  if (enqueuedAt !== null && (!acknowledged || enqueuedAt <= acknowledgedAt + STAMP_SLACK_MS)) {
    return { at: Math.max(enqueuedAt, createdAt ?? enqueuedAt), slackMs: 0 };
  }
  const before = acknowledged ? acknowledgedAt : at;
  if (stoppedAt !== null && stoppedAt <= before && state !== 'stopped') {
    return queuedBetween(Math.max(stoppedAt, createdAt ?? stoppedAt), before);
  }
  if (createdAt === null) return null;
  // An item from before W may have had earlier runs that its stamps no longer show.
  return !requeued && createdAt > settledUntil ? { at: createdAt, slackMs: 0 } : queuedBetween(createdAt, before);
}

/** Of the first sighting of an item: the wait that its acknowledgement ended. `since`: when the wait of the present run began. */
export function firstWait(
  item: WorkItem,
  enqueuedAt: EpochMs | null,
  since: QueuedSince | null,
): Pick<ItemEvents, 'waitMs'> {
  const { acknowledgedAt, createdAt } = item;
  if (acknowledgedAt === null) return {};
  if (acknowledgesPresentRun(item, enqueuedAt)) return waitEvent(item, acknowledgedAt, since);
  return waitEvent(item, acknowledgedAt, createdAt === null ? null : queuedBetween(createdAt, acknowledgedAt));
}

/**
 * Of the first sighting of an item: how long the run took that its stop ended, and how long the stop took, each only if the
 * stamps prove it.
 */
export function firstStop(
  item: WorkItem,
  enqueuedAt: EpochMs | null,
  { settledUntil, allLiveKnown, state }: StopContext,
): Pick<ItemEvents, 'runMs' | 'stopMs'> {
  const { stoppedAt, acknowledgedAt, stopRequestedAt } = item;
  if (stoppedAt === null) return {};
  const ended = state === 'stopped';
  // A live item's stop ended an earlier run, so a later stamp belongs to the present run. A stopped item's stamp from
  // before its enqueue stamp is left from an earlier run.
  const belongs = (stamp: EpochMs | null): stamp is EpochMs => {
    if (stamp === null) return false;
    // An item that was running at W would be known. So its earlier runs had ended, and their stamps are history.
    if (allLiveKnown && stamp <= settledUntil) return false;
    if (!ended) return stamp <= stoppedAt;
    return enqueuedAt === null || enqueuedAt > stoppedAt || enqueuedAt <= stamp + STAMP_SLACK_MS;
  };
  return {
    ...(belongs(acknowledgedAt) ? { runMs: stoppedAt - acknowledgedAt } : {}),
    ...(belongs(stopRequestedAt) ? { stopMs: stoppedAt - stopRequestedAt } : {}),
  };
}
