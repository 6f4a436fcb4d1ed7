import type { LedgerItem } from './ledger-item.ts';

/** Whether a read has changed what is known of an item, apart from when it was seen. */
export function hasItemChanged(before: LedgerItem | undefined, after: LedgerItem): boolean {
  if (before === undefined) return true;
  return (
    after.state !== before.state ||
    after.createdAt !== before.createdAt ||
    after.enqueuedAt !== before.enqueuedAt ||
    after.acknowledgedAt !== before.acknowledgedAt ||
    after.stopRequestedAt !== before.stopRequestedAt ||
    after.stoppedAt !== before.stoppedAt ||
    after.runAcknowledgedAt !== before.runAcknowledgedAt ||
    after.queuedSince?.at !== before.queuedSince?.at ||
    after.queuedSince?.slackMs !== before.queuedSince?.slackMs ||
    after.begun !== before.begun ||
    after.silent !== before.silent ||
    after.deliveries !== before.deliveries ||
    after.enqueueStampDue !== before.enqueueStampDue ||
    after.gone !== before.gone
  );
}

/** Whether the ledger remembers exactly the same of an item as before, also when it was seen. */
export function isSameItem(before: LedgerItem, after: LedgerItem): boolean {
  return (
    !hasItemChanged(before, after) &&
    after.sessionId === before.sessionId &&
    after.seenAt === before.seenAt &&
    after.unseen === before.unseen
  );
}
