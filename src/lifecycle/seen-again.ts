import { isRunning } from '../domain/work.ts';
import { isSilent } from './deliveries.ts';
import { enqueueStampOf, type LedgerItem, type Sighting } from './ledger-item.ts';

/** How a service treats stamps and leases. */
interface ServiceHabits {
  readonly startedAtIsEnqueueStamp: boolean;
  readonly shortLeases: boolean;
}

/**
 * Whether a row of a live item certainly shows nothing new, as nearly all rows do, so that the ledger need not compare it
 * further. False means that it may show something new.
 */
export function isSeenAgain(known: LedgerItem, sighting: Sighting, habits: ServiceHabits): boolean {
  const { item } = sighting;
  const running = isRunning(item.state);
  return (
    item.state === known.state &&
    item.state !== 'stopped' &&
    item.acknowledgedAt === known.acknowledgedAt &&
    item.stopRequestedAt === known.stopRequestedAt &&
    item.stoppedAt === known.stoppedAt &&
    enqueueStampOf(item, habits.startedAtIsEnqueueStamp) === known.enqueuedAt &&
    item.createdAt === known.createdAt &&
    item.sessionId === known.sessionId &&
    running === (known.runAcknowledgedAt !== null) &&
    (!running || known.deliveries > 0) &&
    (running && isSilent(sighting, habits.shortLeases)) === known.silent &&
    !known.gone &&
    known.unseen === 0
  );
}
