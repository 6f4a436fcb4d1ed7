import type { LedgerItem } from './ledger-item.ts';

/** Whether a read learned more about an item than that it is still in the list. */
export function hasNews(before: LedgerItem | undefined, after: LedgerItem): boolean {
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
    after.silent !== before.silent ||
    after.deliveries !== before.deliveries ||
    after.enqueueStampDue !== before.enqueueStampDue ||
    after.gone !== before.gone
  );
}

/** Whether the ledger remembers the same of an item as before. */
export function isSame(before: LedgerItem, after: LedgerItem): boolean {
  return (
    !hasNews(before, after) &&
    after.sessionId === before.sessionId &&
    after.seenAt === before.seenAt &&
    after.unseen === before.unseen
  );
}
