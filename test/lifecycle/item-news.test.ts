import { describe, expect, it } from 'vitest';
import { hasItemChanged, isSameItem } from '../../src/lifecycle/item-news.ts';
import { type Ledger, newLedger } from '../../src/lifecycle/ledger.ts';
import { ledgerChange } from '../../src/lifecycle/ledger-change.ts';
import type { LedgerItem } from '../../src/lifecycle/ledger-item.ts';
import { KNOWN_RUN as item } from './known-run.ts';

/** Another value of each field, and whether it is news, which a state file must have. */
const OTHERS: { readonly [K in keyof LedgerItem]: readonly (readonly [LedgerItem[K], isNews: boolean])[] } = {
  state: [['stopping', true]],
  sessionId: [
    ['sess_2', false],
    [null, false],
  ],
  createdAt: [[null, true]],
  enqueuedAt: [[2001, true]],
  acknowledgedAt: [[3001, true]],
  stopRequestedAt: [[4000, true]],
  stoppedAt: [[5000, true]],
  runAcknowledgedAt: [[null, true]],
  queuedSince: [
    [{ at: 2001, slackMs: 0 }, true],
    [{ at: 2000, slackMs: 1 }, true],
    [null, true],
  ],
  deliveries: [[2, true]],
  begun: [[false, true]],
  silent: [[true, true]],
  enqueueStampDue: [[true, true]],
  seenAt: [[6000, false]],
  unseen: [[1, false]],
  gone: [[true, true]],
};

const rows = Object.entries(OTHERS).flatMap(([field, others]) =>
  others.map(([value, isNews]) => [field, value, isNews] as const),
);

describe('what a read learned of an item', () => {
  it('is news when the item was not known', () => {
    expect(hasItemChanged(undefined, item)).toBe(true);
  });

  it('is nothing when all is as before', () => {
    const again = { ...item, queuedSince: { at: 2000, slackMs: 0 } };
    expect([hasItemChanged(item, again), isSameItem(item, again)]).toEqual([false, true]);
  });

  it.each(rows)('is another %s, %j: news %s', (field, value, isNews) => {
    const after = { ...item, [field]: value };
    expect([hasItemChanged(item, after), isSameItem(item, after)]).toEqual([isNews, false]);
    expect([hasItemChanged(after, item), isSameItem(after, item)]).toEqual([isNews, false]);
    expect(ledgerChange(ledger({ work_1: item }), ledger({ work_1: after }))).toBe(isNews ? 'learned' : 'seen');
  });
});

describe('what a read did to a ledger', () => {
  const before = ledger({ work_1: item, work_2: item });
  it.each<[string, Partial<Ledger>, string]>([
    ['nothing', {}, 'seen'],
    ['the same items once more', { items: new Map(before.items) }, 'seen'],
    ['other totals', { totals: { ...before.totals } }, 'counted'],
    ['a duration below zero', { clamped: 1 }, 'counted'],
    ['another full scan that proves what is gone', { provenFullScans: 1 }, 'learned'],
    ['an item that is new', { items: new Map([...before.items, ['work_3', item]]) }, 'learned'],
    ['an item that is forgotten', { items: new Map([['work_1', item]]) }, 'learned'],
  ])('%s: %s', (_name, change, expected) => {
    expect(ledgerChange(before, { ...before, ...change })).toBe(expected);
  });
});

function ledger(items: Readonly<Record<string, LedgerItem>>): Ledger {
  return { ...newLedger(0), items: new Map(Object.entries(items)) };
}
