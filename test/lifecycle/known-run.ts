import type { LedgerItem } from '../../src/lifecycle/ledger-item.ts';

/** What the ledger knows of an item whose run goes on. */
export const KNOWN_RUN: LedgerItem = {
  state: 'active',
  sessionId: 'sess_1',
  createdAt: 1000,
  enqueuedAt: 2000,
  acknowledgedAt: 3000,
  stopRequestedAt: null,
  stoppedAt: null,
  runAcknowledgedAt: 3000,
  queuedSince: { at: 2000, slackMs: 0 },
  deliveries: 1,
  begun: true,
  silent: false,
  enqueueStampDue: false,
  seenAt: null,
  unseen: 0,
  gone: false,
};
