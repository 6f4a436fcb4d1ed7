import type { EpochMs } from '../base/clock.ts';
import type { WorkItem } from '../domain/work.ts';
import type { Ledger } from '../lifecycle/ledger.ts';
import type { ItemsSnapshot, ObservedItem } from './environment-state.ts';

/** A live item with the API time of the last read that showed it. */
export interface LiveItem {
  readonly item: WorkItem;
  readonly observedAt: EpochMs;
}

/** The result of a successful read: every known live item, as last seen. */
export function snapshotItems(
  tracked: ReadonlyMap<string, LiveItem>,
  facts: Omit<ItemsSnapshot, 'live'> & { readonly ledger: Ledger },
): ItemsSnapshot {
  const { ledger, ...rest } = facts;
  const live = new Map<string, ObservedItem>();
  for (const [id, { item, observedAt }] of tracked) {
    const known = ledger.items.get(id);
    const queuedSince = known?.queuedSince?.at ?? null;
    const runAcknowledgedAt = known?.runAcknowledgedAt ?? null;
    live.set(id, { item, observedAt, queuedSince, runAcknowledgedAt, deliveries: known?.deliveries ?? 0 });
  }
  return { ...rest, live };
}
