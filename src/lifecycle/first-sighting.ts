import type { EpochMs } from '../base/clock.ts';
import { isRunning, type WorkItem, type WorkState } from '../domain/work.ts';
import {
  type ItemEvents,
  isLater,
  type QueuedSince,
  queuedBetween,
  type Recognized,
  type Sighting,
  STAMP_SLACK_MS,
  waitEvent,
} from './ledger-item.ts';

export interface FirstSightContext {
  /** History is settled up to this time: docs/design/counting.md#the-watermark-w. */
  readonly settledUntil: EpochMs;
  readonly startedAtIsEnqueueStamp: boolean;
  /** Every live item is known. An unknown item created before W must then have been stopped and forgotten. */
  readonly allLiveKnown: boolean;
  /** As the ledger remembers it. */
  readonly seenAt: EpochMs | null;
}

/** An enqueue stamp this much later than the creation is not the first run's: that one follows within 0.15 s. */
const FIRST_ENQUEUE_MS = 10_000;

/** W begins as the API's time as `Date` tells it, in whole seconds. */
const WATERMARK_SLACK_MS = 1000;

/** What an id that was never seen, or was forgotten, tells: only stamps after W are events. */
export function firstSighting({ item, at }: Sighting, context: FirstSightContext): Recognized {
  const { settledUntil } = context;
  const enqueuedAt = context.startedAtIsEnqueueStamp ? item.startedAt : null;
  const { acknowledgedAt, stoppedAt, stopRequestedAt, createdAt } = item;
  const run = presentRun(item, enqueuedAt);
  const state = stateByStamps(item, enqueuedAt);
  const revived = isRevived(item, enqueuedAt, { ...context, state });
  const queuedSince = firstQueuedSince({ item, at }, enqueuedAt, { state, revived, settledUntil });
  const counted = {
    acknowledged: isLater(acknowledgedAt, settledUntil),
    stopped: isLater(stoppedAt, settledUntil),
  };
  const events: ItemEvents = {
    ...(isNew(item, enqueuedAt, context) ? { created: true } : {}),
    ...(revived ? { requeued: true } : {}),
    ...(counted.acknowledged ? { acknowledged: true, ...firstWait(item, run.acknowledged, queuedSince) } : {}),
    ...(counted.stopped ? { stopped: true, ...firstStop(item, enqueuedAt, { ...context, state }) } : {}),
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
      runAcknowledgedAt: isRunning(state) || (state === 'other' && run.acknowledged) ? acknowledgedAt : null,
      queuedSince,
      deliveries: 0,
      silent: false,
      enqueueStampDue: enqueuedAt === null,
      seenAt: context.seenAt,
      unseen: 0,
      gone: false,
    },
  };
}

/**
 * The state; of an item whose state is not known, `stopped` if its stop is the last that happened to it. If it counted
 * as live, it would seem to have come back to life.
 */
function stateByStamps({ state, stoppedAt, acknowledgedAt }: WorkItem, enqueuedAt: EpochMs | null): WorkState {
  if (state !== 'other' || stoppedAt === null) return state;
  return isLater(acknowledgedAt, stoppedAt) || isLater(enqueuedAt, stoppedAt) ? state : 'stopped';
}

/** Which of the item's stamps belong to its present run; the others are left from an earlier one. */
function presentRun(item: WorkItem, enqueuedAt: EpochMs | null) {
  const acknowledged =
    item.acknowledgedAt !== null &&
    item.state !== 'queued' &&
    (enqueuedAt === null || enqueuedAt <= item.acknowledgedAt + STAMP_SLACK_MS);
  return { acknowledged };
}

/** By its enqueue stamp. */
function isFirstRun(createdAt: EpochMs, enqueuedAt: EpochMs | null): boolean {
  return enqueuedAt !== null && enqueuedAt - createdAt <= FIRST_ENQUEUE_MS;
}

/** Created since W. One of just before it, which no read has shown, is of after the first read: W was late. */
function isNew(
  { createdAt }: WorkItem,
  enqueuedAt: EpochMs | null,
  { settledUntil, allLiveKnown }: FirstSightContext,
): boolean {
  if (createdAt === null) return false;
  const slackMs = allLiveKnown && isFirstRun(createdAt, enqueuedAt) ? WATERMARK_SLACK_MS : 0;
  return createdAt > settledUntil - slackMs;
}

/** Whether this is the item's second life, or a later one, since W. */
function isRevived(
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

function firstQueuedSince(
  { item, at }: Sighting,
  enqueuedAt: EpochMs | null,
  { state, revived, settledUntil }: { state: WorkState; revived: boolean; settledUntil: EpochMs },
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
  return !revived && createdAt > settledUntil ? { at: createdAt, slackMs: 0 } : queuedBetween(createdAt, before);
}

function firstWait(item: WorkItem, ofPresentRun: boolean, since: QueuedSince | null): Pick<ItemEvents, 'waitMs'> {
  const { acknowledgedAt, createdAt } = item;
  if (acknowledgedAt === null) return {};
  if (ofPresentRun) return waitEvent(item, acknowledgedAt, since);
  return waitEvent(item, acknowledgedAt, createdAt === null ? null : queuedBetween(createdAt, acknowledgedAt));
}

function firstStop(
  item: WorkItem,
  enqueuedAt: EpochMs | null,
  { settledUntil, allLiveKnown, state }: FirstSightContext & { readonly state: WorkState },
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
