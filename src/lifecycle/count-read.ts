import type { EpochMs } from '../base/clock.ts';
import { CopyOnWriteMap } from './copy-on-write-map.ts';
import { LATEST_COMMIT_MS } from './late-commit.ts';
import { type FullScanEnd, type Ledger, type LedgerOptions, type LedgerRead, lastSeenAt } from './ledger.ts';
import { type LedgerItem, lastTransition } from './ledger-item.ts';
import { SightingCount } from './sighting-count.ts';

/** An item may be missed by full scans, but not for this long. */
const UNSEEN_MS = 3_600_000;
/** After a clock was set or a machine slept, every item seems long unseen; a read soon shows those that are there. */
const UNSEEN_FULL_SCANS = 3;

/**
 * The ledger after a finished read: each transition that the read shows is counted once, however often it is seen. After a
 * full scan, W advances.
 */
export function countRead(ledger: Ledger, read: LedgerRead, options: LedgerOptions): Ledger {
  const readAt = read.sightings.at(-1)?.at ?? ledger.readAt;
  const items = new CopyOnWriteMap(ledger.items);
  const count = new SightingCount({ ledger, items, readAt, options });
  for (const sighting of read.sightings) count.add(sighting);
  for (const id of read.gone) {
    const known = items.get(id);
    if (known !== undefined) items.set(id, { ...known, gone: true });
  }
  if (readAt !== ledger.readAt) stampUnseen(items, count.seen, ledger.readAt);
  const counted = { ...ledger, readAt, items, totals: count.totals, clamped: count.clamped };
  return read.fullScan === null ? { ...counted, items: items.value } : settle(counted, read.fullScan);
}

/** Stores the time of the previous read in the items that it showed and this one did not. */
function stampUnseen(items: CopyOnWriteMap<string, LedgerItem>, seen: ReadonlySet<string>, seenAt: EpochMs): void {
  if (seen.size === items.size) return;
  items.forEach((item, id) => {
    if (item.seenAt === null && !seen.has(id)) items.set(id, { ...item, seenAt });
  });
}

/**
 * Whether a live item left the list long ago, as a full scan proved, or during a restart. It is not forgotten at once: while
 * pages move, full scans may miss an item, and when it is seen again it must not count as requeued.
 */
function isLongUnseen(seenAt: EpochMs, settledUntil: EpochMs): boolean {
  return seenAt < settledUntil - UNSEEN_MS;
}

/** Advances W after a full scan and forgets what has become history. */
function settle(
  ledger: Omit<Ledger, 'items'> & { readonly items: CopyOnWriteMap<string, LedgerItem> },
  fullScan: FullScanEnd,
): Ledger {
  const { items } = ledger;
  const settledUntil = Math.max(ledger.settledUntil, fullScan.startedAt - LATEST_COMMIT_MS);
  items.forEach((item, id) => {
    if (lastTransition(item) > settledUntil) return;
    if (item.state === 'stopped') items.delete(id);
    else if ((item.gone || !fullScan.truncated) && isLongUnseen(lastSeenAt(ledger, item), settledUntil)) {
      const unseen = item.unseen + 1;
      if (unseen < UNSEEN_FULL_SCANS) items.set(id, { ...item, unseen });
      else items.delete(id);
    }
  });
  const proof = fullScan.truncated ? 0 : ledger.provenFullScans + (fullScan.pages === 1 ? 2 : 1);
  return { ...ledger, items: items.value, settledUntil, provenFullScans: Math.min(2, proof) };
}
