import { ApiError } from '../client/api-error.ts';
import type { PagesRead } from './incremental-scan.ts';
import { dropItem, NO_WALK, seeItems } from './observe-items.ts';
import { surprised } from './rescan-reason.ts';
import { askItem, askPage, isBadRequest, type Sweep, type SweepFacts } from './scan-request.ts';
import type { SweepMemory, TrackedItem } from './scan-state.ts';

/** Requests that a read spends on items which its other pages did not show: algorithms.md, 1.5. */
const MOST_REQUESTS = 3;
/** A key that may not read single items is a matter of configuration; people may change it. */
const REFUSED_FOR_MS = 3_600_000;

/** One read's attempt to see every live item again. */
interface Refresh {
  readonly pages: PagesRead;
  readonly tried: Set<string>;
  left: number;
}

/**
 * Looks at live items that this read has not met, those unseen for longest first: alone by id where that is possible, else
 * by the pages where they stood. What is not reached keeps the time at which it was seen.
 *
 * @throws ApiError, PageSizeRefused
 */
export function* refreshItems(memory: SweepMemory, facts: SweepFacts, pages: PagesRead): Sweep {
  const refresh: Refresh = { pages, tried: new Set(), left: MOST_REQUESTS };
  const mayAsk = (id: string) => mayRetrieve(memory, facts) && memory.items.get(id)?.avoidRetrieve !== true;
  while (refresh.left > 0) {
    const next = leastRecentlySeen(memory, refresh.tried);
    if (next === null) return;
    const group = groupOf(memory, refresh.tried, next);
    const alone = group.length === 1 || next.lost || next.page === undefined;
    if (alone && mayRetrieve(memory, facts) && !next.avoidRetrieve) {
      refresh.left--;
      refresh.tried.add(next.item.id);
      yield* retrieveItem(memory, facts, next.item.id);
    } else if (next.page === undefined || next.lost) {
      // Only a walk finds it, and all that are lost like it: one after the other they would be looked through each time.
      for (const { item, page, lost } of memory.items.values()) {
        if ((page === undefined || lost) && !mayAsk(item.id)) refresh.tried.add(item.id);
      }
      refresh.tried.add(next.item.id);
    } else {
      yield* readGroup(memory, facts, { refresh, group, cursor: next.page });
    }
  }
}

export function mayRetrieve(memory: SweepMemory, facts: SweepFacts): boolean {
  return facts.mayRetrieve && facts.clock.monotonic() >= memory.retrieveRefusedUntil;
}

/** Reads one item by its id: 404 proves that it is gone. A failure of this item alone is no failure of the read. */
export function* retrieveItem(memory: SweepMemory, facts: SweepFacts, id: string): Sweep {
  try {
    const item = yield* askItem(id);
    seeItems(memory, facts, { items: [item], page: undefined, walk: NO_WALK });
  } catch (error) {
    if (!(error instanceof ApiError) || error.failure.reason === 'rate_limited') throw error;
    const { reason } = error.failure;
    const tracked = memory.items.get(id);
    if (reason === 'not_found') dropItem(memory, id);
    else if (reason === 'unauthorized' || reason === 'forbidden') {
      memory.retrieveRefusedUntil = facts.clock.monotonic() + REFUSED_FOR_MS;
    } else if (tracked !== undefined) memory.items.set(id, { ...tracked, avoidRetrieve: true });
  }
}

function* readGroup(
  memory: SweepMemory,
  facts: SweepFacts,
  { refresh, group, cursor }: { refresh: Refresh; group: readonly TrackedItem[]; cursor: string | null },
): Sweep {
  // Its page and the one after it: new items may have pushed it on.
  let at: string | null = cursor;
  for (let looked = refresh.pages.has(cursor) ? 1 : 0; looked < 2; looked++) {
    const unread = firstUnread(refresh.pages, at);
    if (unread === undefined) break;
    if (refresh.left === 0) return;
    refresh.left--;
    const nextPage = yield* readPageAgain(memory, facts, unread);
    if (nextPage === undefined) return;
    refresh.pages.set(unread, nextPage);
    if (group.every(({ item }) => isMet(memory, item.id))) return;
    at = unread;
  }
  markLost(memory, facts, { refresh, group });
}

/** Follows the pages that this read has read already to the first that it has not; undefined at the end of the list. */
function firstUnread(pages: PagesRead, from: string | null): string | null | undefined {
  let at = from;
  // A list that leads back to where it was has no more pages than this.
  for (let steps = 0; steps <= pages.size; steps++) {
    const next = pages.get(at);
    if (next === undefined) return at;
    if (next === null) return undefined;
    at = next;
  }
  return undefined;
}

/** The cursor of the next page; undefined when the cursor was refused. */
function* readPageAgain(
  memory: SweepMemory,
  facts: SweepFacts,
  cursor: string | null,
): Sweep<string | null | undefined> {
  try {
    const page = yield* askPage(memory, facts, cursor);
    seeItems(memory, facts, { items: page.items, page: cursor, walk: NO_WALK });
    return page.nextPage;
  } catch (error) {
    if (cursor === null || !isBadRequest(error)) throw error;
    for (const [id, tracked] of memory.items) {
      if (tracked.page === cursor) memory.items.set(id, { ...tracked, page: undefined });
    }
    surprised(memory, facts, 'cursor_refused');
    return undefined;
  }
}

function markLost(
  memory: SweepMemory,
  facts: SweepFacts,
  { refresh, group }: { refresh: Refresh; group: readonly TrackedItem[] },
): void {
  for (const { item } of group) {
    const tracked = memory.items.get(item.id);
    if (tracked === undefined || isMet(memory, item.id)) continue;
    memory.items.set(item.id, { ...tracked, lost: true });
    if (mayRetrieve(memory, facts) && !tracked.avoidRetrieve) continue;
    refresh.tried.add(item.id);
    surprised(memory, facts, 'item_moved');
  }
}

/** Met by this read, or known to be stopped or gone by now. */
function isMet(memory: SweepMemory, id: string): boolean {
  const tracked = memory.items.get(id);
  return tracked === undefined || tracked.read === memory.reads;
}

function leastRecentlySeen(memory: SweepMemory, tried: ReadonlySet<string>): TrackedItem | null {
  let oldest: TrackedItem | null = null;
  for (const tracked of memory.items.values()) {
    if (tracked.read === memory.reads || tried.has(tracked.item.id)) continue;
    if (oldest === null || tracked.observedAt < oldest.observedAt) oldest = tracked;
  }
  return oldest;
}

function groupOf(memory: SweepMemory, tried: ReadonlySet<string>, { page, item }: TrackedItem): TrackedItem[] {
  return [...memory.items.values()].filter(
    (other) =>
      other.item.id === item.id ||
      (other.page === page && other.read !== memory.reads && !tried.has(other.item.id) && !other.lost),
  );
}
