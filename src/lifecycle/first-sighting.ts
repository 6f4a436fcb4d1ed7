import type { EpochMs } from '../base/clock.ts';
import { isRunning, type WorkItem, type WorkState } from '../domain/work.ts';
import { acknowledgesPresentRun, firstQueuedSince, firstStop, firstWait } from './first-durations.ts';
import { enqueueStampOf, type ItemEvents, isLater, type Recognized, type Sighting } from './ledger-item.ts';

export interface FirstSightContext {
  /** History is settled up to this time: docs/design/counting.md#the-watermark-w. */
  readonly settledUntil: EpochMs;
  readonly startedAtIsEnqueueStamp: boolean;
  /** Every live item is known. An unknown item created before W must then have been stopped and forgotten. */
  readonly allLiveKnown: boolean;
  /** The time of this sighting as the ledger stores it: null is the time of its last read. */
  readonly seenAt: EpochMs | null;
}

/** An enqueue stamp this much later than the creation is not the first run's: that one follows within 0.15 s. */
const FIRST_ENQUEUE_MS = 10_000;

/** W begins as the API's time from a `Date` header, which has whole seconds. */
const WATERMARK_SLACK_MS = 1000;

/** What the first row of an item says, one that was never seen or was forgotten: only stamps after W are events. */
export function firstSighting({ item, at }: Sighting, context: FirstSightContext): Recognized {
  const { settledUntil } = context;
  const enqueuedAt = enqueueStampOf(item, context.startedAtIsEnqueueStamp);
  const { acknowledgedAt, stoppedAt, stopRequestedAt, createdAt } = item;
  const state = stateByStamps(item, enqueuedAt);
  const requeued = isRequeued(item, enqueuedAt, { ...context, state });
  const queuedSince = firstQueuedSince({ item, at }, enqueuedAt, { state, requeued, settledUntil });
  const acknowledged = isLater(acknowledgedAt, settledUntil);
  const stopped = isLater(stoppedAt, settledUntil);
  const events: ItemEvents = {
    ...(isNew(item, enqueuedAt, context) ? { created: true } : {}),
    ...(requeued ? { requeued: true } : {}),
    ...(acknowledged ? { acknowledged, ...firstWait(item, enqueuedAt, queuedSince) } : {}),
    ...(stopped ? { stopped, ...firstStop(item, enqueuedAt, { ...context, state }) } : {}),
  };
  return {
    events,
    item: {
      state,
      sessionId: item.sessionId,
      createdAt,
      enqueuedAt,
      acknowledgedAt,
      stopRequestedAt,
      stoppedAt,
      runAcknowledgedAt:
        isRunning(state) || (state === 'other' && acknowledgesPresentRun(item, enqueuedAt)) ? acknowledgedAt : null,
      queuedSince,
      deliveries: 0,
      begun: false,
      silent: false,
      enqueueStampDue: enqueuedAt === null,
      seenAt: context.seenAt,
      unseen: 0,
      gone: false,
    },
  };
}

/**
 * The item's state. An item in an unknown state counts as `stopped` if its stop is the last of its stamps: as a live item
 * it would seem to have been requeued.
 */
function stateByStamps({ state, stoppedAt, acknowledgedAt }: WorkItem, enqueuedAt: EpochMs | null): WorkState {
  if (state !== 'other' || stoppedAt === null) return state;
  return isLater(acknowledgedAt, stoppedAt) || isLater(enqueuedAt, stoppedAt) ? state : 'stopped';
}

/** Whether the enqueue stamp shows that the item is in its first run. */
function isFirstRun(createdAt: EpochMs, enqueuedAt: EpochMs | null): boolean {
  return enqueuedAt !== null && enqueuedAt - createdAt <= FIRST_ENQUEUE_MS;
}

/**
 * Whether the item was created since W. An item from the second before W that no read has shown counts too: W has whole
 * seconds, so it began slightly late.
 */
function isNew(
  { createdAt }: WorkItem,
  enqueuedAt: EpochMs | null,
  { settledUntil, allLiveKnown }: FirstSightContext,
): boolean {
  if (createdAt === null) return false;
  const slackMs = allLiveKnown && isFirstRun(createdAt, enqueuedAt) ? WATERMARK_SLACK_MS : 0;
  return createdAt > settledUntil - slackMs;
}

/** Whether the item was queued again since W: then this is not its first run. */
function isRequeued(
  { createdAt, acknowledgedAt, stoppedAt }: WorkItem,
  enqueuedAt: EpochMs | null,
  { settledUntil, allLiveKnown, state }: FirstSightContext & { readonly state: WorkState },
): boolean {
  const old = createdAt !== null && createdAt <= settledUntil;
  const changed = isLater(acknowledgedAt, settledUntil) || isLater(stoppedAt, settledUntil);
  const enqueued = isLater(enqueuedAt, settledUntil);
  const firstRun = old && isFirstRun(createdAt, enqueuedAt);
  if (old && enqueued && !firstRun) return true;
  if (old && !firstRun && allLiveKnown && (state !== 'stopped' || changed)) return true;
  // The row itself shows a stop before its present run.
  if (stoppedAt === null) return false;
  if (isLater(acknowledgedAt, stoppedAt)) return state !== 'stopped' && acknowledgedAt > settledUntil;
  return state !== 'stopped' && (stoppedAt > settledUntil || enqueued);
}
