import type { WorkPage } from '../client/work-api.ts';
import type { SweepMemory } from './sweep-memory.ts';
import { followOrder, keepsOrder, NO_WALK, newOrderCheck, seeItems } from './sweep-see.ts';
import { askPage, isBadRequest, type Sweep, type SweepFacts } from './sweep-step.ts';
import { surprised } from './sweep-surprise.ts';
import { keepTail, LATE_COMMIT_MS } from './sweep-tail.ts';

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
  const horizon = memory.newestCreatedAt - LATE_COMMIT_MS;
  const check = newOrderCheck();
  for (let cursor: string | null = null; ; ) {
    const page: WorkPage = yield* askPage(memory, facts, cursor);
    takeIn(memory, facts, { page, cursor, pages });
    followOrder(check, page.items);
    if (!keepsOrder(check, 'newest')) return surprised(memory, facts, 'order');
    if (page.items.some(({ createdAt }) => createdAt !== null && createdAt <= horizon)) return;
    if (page.nextPage === null || pages.size >= facts.poll.maxListPages) return;
    if (pages.has(page.nextPage)) return surprised(memory, facts, 'cursor_repeated');
    cursor = page.nextPage;
  }
}

/** From the last page that late commits cannot precede to the end. */
function* readTail(memory: SweepMemory, facts: SweepFacts, pages: PagesRead): Sweep {
  const start = memory.tail[0];
  if (start === undefined) return surprised(memory, facts, 'tail_changed');
  const check = newOrderCheck();
  for (let cursor: string | null = start.cursor; ; ) {
    let page: WorkPage;
    try {
      page = yield* askPage(memory, facts, cursor);
    } catch (error) {
      if (cursor === null || !isBadRequest(error)) throw error;
      return surprised(memory, facts, 'cursor_refused');
    }
    const first = page.items[0];
    takeIn(memory, facts, { page, cursor, pages });
    followOrder(check, page.items);
    // Something else at the place of the old items: what came since may stand anywhere.
    const moved = pages.size === 1 && (first === undefined || !start.ids.has(first.id));
    if (moved) return surprised(memory, facts, 'tail_changed');
    if (!keepsOrder(check, 'oldest')) return surprised(memory, facts, 'order');
    memory.tail = keepTail(memory.tail, { cursor, items: page.items }, memory.newestCreatedAt);
    if (page.nextPage === null || pages.size >= facts.poll.maxListPages) return;
    if (pages.has(page.nextPage)) return surprised(memory, facts, 'cursor_repeated');
    cursor = page.nextPage;
  }
}

function takeIn(
  memory: SweepMemory,
  facts: SweepFacts,
  { page, cursor, pages }: { page: WorkPage; cursor: string | null; pages: PagesRead },
): void {
  seeItems(memory, facts, { items: page.items, page: cursor, walk: NO_WALK });
  pages.set(cursor, page.nextPage);
}
