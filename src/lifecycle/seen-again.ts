import { isRunning } from '../domain/work.ts';
import { hasBegun } from './beginning.ts';
import { isSilent } from './deliveries.ts';
import { enqueueStampOf, type LedgerItem, type Sighting } from './ledger-item.ts';

/** How a service uses `started_at` and ids; where ids rotate, leases are short. */
interface ServiceTraits {
  readonly startedAtIsEnqueueStamp: boolean;
  readonly idsRotate: boolean;
}

/**
 * Whether a row of a live item certainly shows nothing new, as nearly all rows do, so that the ledger need not compare it
 * further. False means that it may show something new.
 */
export function isSeenAgain(known: LedgerItem, sighting: Sighting, traits: ServiceTraits): boolean {
  const { item } = sighting;
  const running = isRunning(item.state);
  return (
    item.state === known.state &&
    item.state !== 'stopped' &&
    item.acknowledgedAt === known.acknowledgedAt &&
    item.stopRequestedAt === known.stopRequestedAt &&
    item.stoppedAt === known.stoppedAt &&
    enqueueStampOf(item, traits.startedAtIsEnqueueStamp) === known.enqueuedAt &&
    item.createdAt === known.createdAt &&
    item.sessionId === known.sessionId &&
    running === (known.runAcknowledgedAt !== null) &&
    (!running || known.deliveries > 0) &&
    (known.begun || !hasBegun(item)) &&
    (running && isSilent(sighting, traits.idsRotate)) === known.silent &&
    !known.gone &&
    known.unseen === 0
  );
}
