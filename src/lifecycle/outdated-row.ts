import type { EpochMs } from '../base/clock.ts';
import { isRunning, type WorkItem } from '../domain/work.ts';
import { enqueueStampOf, isLater, type LedgerItem, type Sighting } from './ledger-item.ts';

/** No lease ends, and no session ends and wakes up without a new stamp, so soon after a read that showed it at work. */
const SOON_MS = 10_000;

export interface OutdatedRowContext {
  readonly startedAtIsEnqueueStamp: boolean;
  /** When a read last showed the item as it is known. */
  readonly lastSeenAt: EpochMs;
}

/**
 * Whether a row of a known item shows an earlier state than the known one: a copy of the API that lags has answered.
 * Taken for the present, it would count a lapse or a requeue, and once more when the present comes back.
 */
export function isOutdatedRow(known: LedgerItem, sighting: Sighting, context: OutdatedRowContext): boolean {
  const { item } = sighting;
  const enqueuedAt = enqueueStampOf(item, context.startedAtIsEnqueueStamp);
  // The row is from an earlier run, whose stamps may be unknown if the item was first seen after it.
  if (enqueuedAt !== null && isLater(known.enqueuedAt, enqueuedAt)) return true;
  const hasLaterStamp =
    isLater(enqueuedAt, known.enqueuedAt) ||
    isLater(item.acknowledgedAt, known.acknowledgedAt) ||
    isLater(item.stoppedAt, known.stoppedAt);
  if (hasLaterStamp) return false;
  const isEarlier =
    (item.acknowledgedAt !== null && item.acknowledgedAt !== known.acknowledgedAt) ||
    (item.stoppedAt !== null && item.stoppedAt !== known.stoppedAt);
  if (isEarlier) return true;
  if (known.state === 'queued' || isRunning(known.state)) {
    // The run that this stop ended was not the last one.
    if (item.state === 'stopped') return item.stoppedAt !== null;
    if (known.state === 'queued') return isRunning(item.state) && isOfEndedRun(known, item, context);
  }
  return item.state === 'queued' && isBeforeKnownRun(known, sighting, enqueuedAt, context);
}

/** Whether the row shows a run that has ended since: only a later sign of life would mean that the worker still has it. */
function isOfEndedRun(known: LedgerItem, item: WorkItem, { lastSeenAt }: OutdatedRowContext): boolean {
  if (item.acknowledgedAt === null || known.acknowledgedAt === null) return false;
  return item.latestHeartbeatAt === null || item.latestHeartbeatAt <= lastSeenAt;
}

/**
 * Whether a row of a waiting item is older than the known run, since it has no stamp of that run or its end. A service that
 * clears stamps when it queues an item again shows another enqueue stamp, at least soon.
 */
function isBeforeKnownRun(
  known: LedgerItem,
  { item, at }: Sighting,
  enqueuedAt: EpochMs | null,
  { lastSeenAt }: OutdatedRowContext,
): boolean {
  const lacksEnd = known.state === 'stopped' && known.stoppedAt !== null && item.stoppedAt === null;
  // A stop without a date ended the run of the last acknowledgement; one with a date need not have ended a run.
  const undated = known.state === 'stopped' && known.stoppedAt === null;
  const acknowledgedAt = undated ? known.acknowledgedAt : known.runAcknowledgedAt;
  const lacksAcknowledgement = acknowledgedAt !== null && item.acknowledgedAt === null;
  if (!lacksEnd && !lacksAcknowledgement) return false;
  return enqueuedAt !== null && !known.silent && at - lastSeenAt <= SOON_MS;
}
