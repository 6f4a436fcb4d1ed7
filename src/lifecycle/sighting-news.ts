import type { EpochMs } from '../base/clock.ts';
import { isRunning, type WorkItem } from '../domain/work.ts';
import { enqueueStampOf, isLater, type LedgerItem, STAMP_SLACK_MS } from './ledger-item.ts';

/** How far off the known API time of a read may be. */
const UNCERTAIN_MS = 10_000;

/** What is new in a row, compared with everything seen of its item. */
export interface SightingNews {
  /** Whether this row is the first with the item's creation time, and that is after W. */
  readonly created: boolean;
  /** Whether there is a new acknowledgement to count: one that is not history. */
  readonly acknowledged: boolean;
  /** Whether there is a new acknowledgement, even if it is history. */
  readonly hasNewAcknowledgement: boolean;
  /** Whether there is a stop that was not known. */
  readonly stopped: boolean;
  /** The enqueue stamp of the row; null if it has none. */
  readonly enqueuedAt: EpochMs | null;
  /** Whether the row shows another run than the known one: the item was queued again, after a lapse or a stop. */
  readonly newRun: boolean;
  /** Whether this row has the time of a stop that an earlier row showed without it. */
  readonly datesKnownStop: boolean;
  /** API time of the previous read that showed the item. */
  readonly lastSeenAt: EpochMs;
}

export interface NextSightContext {
  /** History is settled up to this time: docs/design/counting.md#the-watermark-w. */
  readonly settledUntil: EpochMs;
  readonly startedAtIsEnqueueStamp: boolean;
  readonly lastSeenAt: EpochMs;
  /** The time of this sighting as the ledger stores it: null is the time of its last read. */
  readonly seenAt: EpochMs | null;
}

/** Compares a row with what the ledger remembers of its item. */
export function newsOf(known: LedgerItem, item: WorkItem, context: NextSightContext): SightingNews {
  const { startedAtIsEnqueueStamp, settledUntil, lastSeenAt } = context;
  const enqueuedAt = enqueueStampOf(item, startedAtIsEnqueueStamp);
  const hasNewAcknowledgement = isNewStamp(item.acknowledgedAt, known.acknowledgedAt);
  const acknowledged = hasNewAcknowledgement && !isSettledAcknowledgement(known, item, settledUntil);
  const stopped = isNewStamp(item.stoppedAt, known.stoppedAt) && !isSameStop(known, item, enqueuedAt);
  // A later one that belongs to no run recognized before; the first says when it was queued, not that it was queued again.
  const enqueued = isNewStamp(enqueuedAt, known.enqueuedAt) && known.enqueuedAt !== null && !known.enqueueStampDue;
  const waits = item.state === 'queued';
  const hadRun = known.runAcknowledgedAt !== null;
  // The worker lost the item. Some services clear the stamp when an item is queued again, and that of the heartbeat, too.
  const wasCleared = hadRun && item.acknowledgedAt === null && (waits || item.latestHeartbeatAt === null);
  const datesKnownStop =
    known.state === 'stopped' &&
    known.stoppedAt === null &&
    item.state === 'stopped' &&
    !hasStampAfter(item, lastSeenAt);
  const newRun =
    enqueued ||
    (known.state === 'stopped' && !datesKnownStop && (waits || acknowledged || stopped)) ||
    (isRunning(known.state) && waits) ||
    wasCleared ||
    // Without an enqueue stamp, the acknowledgement identifies the run; with one, heartbeats may stamp it again.
    (hadRun && acknowledged && enqueuedAt === null) ||
    (known.state === 'queued' && waits && acknowledged) ||
    (stopped && item.state !== 'stopped');
  const created = known.createdAt === null && isLater(item.createdAt, settledUntil);
  return { created, acknowledged, hasNewAcknowledgement, stopped, enqueuedAt, newRun, datesKnownStop, lastSeenAt };
}

/** Whether a stamp is later than the read that showed the item as stopped: then it belongs to another run. */
function hasStampAfter({ acknowledgedAt, stoppedAt }: WorkItem, shownStoppedAt: EpochMs): boolean {
  return Math.max(acknowledgedAt ?? 0, stoppedAt ?? 0) > shownStoppedAt + UNCERTAIN_MS;
}

/** Whether a stamp is later than the known one, and not the same one with the fraction of its second. */
function isNewStamp(stamp: EpochMs | null, known: EpochMs | null): boolean {
  return isLater(stamp, known) && !(known !== null && known % 1000 === 0 && stamp - known < 1000);
}

/** Whether the acknowledgement is history: rows without it already showed the item as running, and its stamp is before W. */
function isSettledAcknowledgement(known: LedgerItem, { acknowledgedAt }: WorkItem, settledUntil: EpochMs): boolean {
  return known.acknowledgedAt === null && isRunning(known.state) && (acknowledgedAt ?? 0) <= settledUntil;
}

/** Each run has its own enqueue stamp. With the same one, a later stop is another date for the stop that is known. */
function isSameStop(known: LedgerItem, { state, acknowledgedAt }: WorkItem, enqueuedAt: EpochMs | null): boolean {
  const isStill = known.state === 'stopped' && known.stoppedAt !== null && state === 'stopped';
  const sameRun = enqueuedAt !== null && enqueuedAt === known.enqueuedAt && !known.enqueueStampDue;
  return isStill && sameRun && !isLater(acknowledgedAt, known.acknowledgedAt);
}

/** A row may still show stamps of the previous run, especially when the item was stopped while it waited. */
export function isOfEarlierRun(stamp: EpochMs | null, { enqueuedAt }: SightingNews): boolean {
  return stamp !== null && enqueuedAt !== null && enqueuedAt > stamp + STAMP_SLACK_MS;
}
