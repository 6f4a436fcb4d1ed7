import type { WorkPage } from '../client/work-api.ts';
import { followOrder, keepsOrder, NO_WALK, newOrderCheck, seeItems } from './observe-items.ts';
import { surprised } from './rescan-reason.ts';
import { askPage, isBadRequest, type Sweep, type SweepFacts } from './scan-request.ts';
import type { SweepMemory, TailPage } from './scan-state.ts';
import { beginsEarly, keepTail, LATE_COMMIT_MS, pruneTail, tailStart } from './tail-pages.ts';

/** The pages that a read has read: the cursor of each, and that of the page after it. */
export type PagesRead = Map<string | null, string | null>;

/** Reads where new items come: all of them are met, and usually that is one page. @throws ApiError, PageSizeRefused */
export function* readNew(memory: SweepMemory, facts: SweepFacts): Sweep<PagesRead> {
  const pages: PagesRead = new Map();
  if (memory.order === 'newest') yield* readHead(memory, facts, pages);
  if (memory.order === 'oldest') yield* readTail(memory, facts, pages);
  return pages;
}

/** From the start until a page holds an item from before everything that may have become visible since. */
function* readHead(memory: SweepMemory, facts: SweepFacts, pages: PagesRead): Sweep {
  const begunAt = facts.clock.monotonic();
  const check = newOrderCheck();
  for (let cursor: string | null = null; ; ) {
    const page: WorkPage = yield* askPage(memory, facts, cursor);
    takeIn(memory, facts, { page, cursor, pages });
    followOrder(check, page.items);
    if (!keepsOrder(check, 'newest')) return surprised(memory, facts, 'order');
    const isFar = page.items.some(({ createdAt }) => beginsEarly(createdAt, memory.metUntil));
    if (isFar || isLastPage(page, pages, facts)) return metAll(memory, begunAt);
    if (pages.has(page.nextPage)) return surprised(memory, facts, 'cursor_repeated');
    cursor = page.nextPage;
  }
}

/** From the last page that late commits cannot precede to the end. */
function* readTail(memory: SweepMemory, facts: SweepFacts, pages: PagesRead): Sweep {
  const { tail, metUntil } = memory;
  const from = tailStart(tail, metUntil);
  const start = tail[from];
  if (start === undefined) return surprised(memory, facts, 'tail_changed');
  const begunAt = facts.clock.monotonic();
  const check = newOrderCheck();
  for (let cursor: string | null = start.cursor; ; ) {
    const page = yield* readKnownPlace(memory, facts, { cursor, pages });
    if (page === null) return;
    const first = page.items[0];
    if (pages.size === 1) {
      // Something else at the place of the old items: what came since may stand anywhere.
      if (first === undefined || !start.ids.has(first.id)) return surprised(memory, facts, 'tail_changed');
      const moved = cursor !== null && !beginsEarly(first.createdAt, metUntil);
      if (moved && !(yield* readPageBefore(memory, facts, { before: tail[from - 1], pages }))) return;
    }
    followOrder(check, page.items);
    if (!keepsOrder(check, 'oldest')) return surprised(memory, facts, 'order');
    memory.tail = keepTail(memory.tail, { cursor, items: page.items }, metUntil);
    if (isLastPage(page, pages, facts)) {
      metAll(memory, begunAt);
      memory.tail = pruneTail(memory.tail, memory.metUntil);
      return;
    }
    if (pages.has(page.nextPage!)) return surprised(memory, facts, 'cursor_repeated');
    cursor = page.nextPage;
  }
}

/** A page by a cursor of an earlier read; null when it is accepted no more. */
function* readKnownPlace(
  memory: SweepMemory,
  facts: SweepFacts,
  { cursor, pages }: { cursor: string | null; pages: PagesRead },
): Sweep<WorkPage | null> {
  try {
    const page = yield* askPage(memory, facts, cursor);
    takeIn(memory, facts, { page, cursor, pages });
    return page;
  } catch (error) {
    if (cursor === null || !isBadRequest(error)) throw error;
    surprised(memory, facts, 'cursor_refused');
    return null;
  }
}

/** The items of the page where the tail began have moved forward. Returns whether the page before it begins early enough. */
function* readPageBefore(
  memory: SweepMemory,
  facts: SweepFacts,
  { before, pages }: { before: TailPage | undefined; pages: PagesRead },
): Sweep<boolean> {
  if (before !== undefined) {
    const page = yield* readKnownPlace(memory, facts, { cursor: before.cursor, pages });
    if (page === null) return false;
    if (before.cursor === null || beginsEarly(page.items[0]?.createdAt ?? null, memory.metUntil)) return true;
  }
  surprised(memory, facts, 'tail_changed');
  return false;
}

function isLastPage(page: WorkPage, pages: PagesRead, { poll }: SweepFacts): boolean {
  return page.nextPage === null || pages.size >= poll.maxListPages;
}

/** Only a read that came to its end may move the mark: one that failed on its way has seen the newest items, not all. */
function metAll(memory: SweepMemory, begunAt: number): void {
  // What was to be committed late has been by now: a burst is not read again and again until something newer comes.
  const settledMs = begunAt - memory.newestRoseAt >= LATE_COMMIT_MS ? LATE_COMMIT_MS : 0;
  memory.metUntil = Math.max(memory.metUntil, memory.newestSeen + settledMs);
}

function takeIn(
  memory: SweepMemory,
  facts: SweepFacts,
  { page, cursor, pages }: { page: WorkPage; cursor: string | null; pages: PagesRead },
): void {
  seeItems(memory, facts, { items: page.items, page: cursor, walk: NO_WALK });
  pages.set(cursor, page.nextPage);
}
