import { hasItemChanged } from './item-news.ts';
import type { Ledger } from './ledger.ts';

/**
 * What a read did to a ledger; the state file needs to know. `counted`: totals changed, so nothing may be published
 * before it is saved. `learned`: something that later counts depend on; a restart without it would count differently.
 * `seen`: only when items were last seen and how far history is settled.
 */
export type LedgerChange = 'counted' | 'learned' | 'seen';

export function ledgerChange(before: Ledger, after: Ledger): LedgerChange {
  if (after.totals !== before.totals || after.clamped !== before.clamped) return 'counted';
  if (after.provenFullScans !== before.provenFullScans) return 'learned';
  if (after.items === before.items) return 'seen';
  for (const [id, item] of after.items) if (hasItemChanged(before.items.get(id), item)) return 'learned';
  // Nothing was added, so fewer items mean that some were forgotten. A saved ledger that still has them would recognize
  // a requeue.
  return after.items.size === before.items.size ? 'seen' : 'learned';
}
