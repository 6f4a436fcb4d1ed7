import { mayRetrieve, refreshItems, retrieveItem } from './refresh.ts';
import { type PagesRead, readNew } from './sweep-incremental.ts';
import { forgetCursors, isReadWhole, type SweepMemory } from './sweep-memory.ts';
import { judgeMismatch, noteComparison } from './sweep-mismatch.ts';
import { NOBODY_WALK_MS, nobodyServes } from './sweep-nobody.ts';
import { dropItem } from './sweep-see.ts';
import { apiNow, PageSizeRefused, type Sweep, type SweepFacts } from './sweep-step.ts';
import { surpriseMayWalk } from './sweep-surprise.ts';
import { missingAfterWalk, walkPages } from './sweep-walk.ts';

/** How long a smaller page size is believed to be necessary. */
const PAGE_SIZE_MS = 86_400_000;
/** Pages of a walk that one read goes through at the least when walks are all there is. */
const PAGES_WITHOUT_ORDER = 10;
/** Single reads of items that a walk should have met, for one walk. */
const MOST_PROOFS = 3;

/**
 * One read of the list: algorithms.md, 1. A short list is read whole; of a long one the place where new items come and
 * the live items, and a part of a walk over everything when one is due.
 *
 * @throws ApiError when a request fails; what was seen until then stays in the memory and goes out with the next read.
 */
export function* sweep(memory: SweepMemory, facts: SweepFacts): Sweep {
  const now = facts.clock.monotonic();
  memory.reads++;
  if (memory.pageSize !== null && memory.pageSize.until <= now) {
    memory.pageSize = null;
    forgetCursors(memory);
  }
  judgeMismatch(memory, facts);
  try {
    yield* readOnce(memory, facts);
  } catch (error) {
    if (!(error instanceof PageSizeRefused)) throw error;
    memory.pageSize = { limit: facts.fallbackPageSize, until: now + PAGE_SIZE_MS };
    forgetCursors(memory);
    yield* readOnce(memory, facts);
  }
  noteComparison(memory, facts);
}

function* readOnce(memory: SweepMemory, facts: SweepFacts): Sweep {
  if (isReadWhole(memory) || isNobodyThere(memory, facts)) return yield* walkToTheEnd(memory, facts);
  const pages: PagesRead = yield* readNew(memory, facts);
  if (surpriseMayWalk(memory, facts)) return yield* walkToTheEnd(memory, facts);
  if (memory.order === 'none' || memory.walk !== null || isWalkDue(memory, facts)) {
    yield* walkSome(memory, facts, pagesOfWalk(memory, facts));
  }
  yield* refreshItems(memory, facts, pages);
  if (surpriseMayWalk(memory, facts)) yield* walkToTheEnd(memory, facts);
}

/** A walk within this read. A long one that failed on its way goes on; a short one is quicker begun anew. */
function* walkToTheEnd(memory: SweepMemory, facts: SweepFacts): Sweep {
  const goesOn = memory.lastWalk === null && (memory.walk?.pages ?? 0) > 3;
  if (!goesOn) memory.walk = null;
  yield* walkSome(memory, facts, Number.POSITIVE_INFINITY);
  // An item was not met: a second walk at once settles it, where that is cheap.
  if (memory.proofDue && (memory.lastWalk?.pages ?? 0) <= PAGES_WITHOUT_ORDER) {
    yield* walkSome(memory, facts, Number.POSITIVE_INFINITY);
  }
}

function* walkSome(memory: SweepMemory, facts: SweepFacts, most: number): Sweep {
  const ended = yield* walkPages(memory, facts, most);
  if (ended) yield* settleMissing(memory, facts);
}

/** Live items that a walk did not meet: a walk of several pages is no proof, a second one or a single read is. */
function* settleMissing(memory: SweepMemory, facts: SweepFacts): Sweep {
  const walk = memory.walkEnd;
  if (walk === null) return;
  let proofs = 0;
  for (const { id } of missingAfterWalk(memory, walk)) {
    const tracked = memory.items.get(id);
    if (tracked === undefined) continue;
    const misses = walk.truncated ? tracked.misses : tracked.misses + 1;
    if (!walk.truncated && (walk.pages === 1 || misses >= 2)) {
      dropItem(memory, id);
      continue;
    }
    memory.items.set(id, { ...tracked, misses, lost: true });
    if (mayRetrieve(memory, facts) && !tracked.avoidRetrieve && proofs < MOST_PROOFS) {
      proofs++;
      memory.walkRequests++;
      yield* retrieveItem(memory, facts, id);
    }
    const left = memory.items.get(id);
    if (left !== undefined && left.misses > 0 && !walk.truncated) memory.proofDue = true;
  }
}

function isNobodyThere(memory: SweepMemory, facts: SweepFacts): boolean {
  const { lastWalk } = memory;
  const now = facts.clock.monotonic();
  if (lastWalk !== null && now - lastWalk.endedMonotonic < NOBODY_WALK_MS) return false;
  const items = [...memory.items.values()].map(({ item }) => item);
  const { staleHeartbeatSeconds } = facts;
  return nobodyServes(facts.queue?.stats ?? null, items, { now: apiNow(facts), staleHeartbeatSeconds });
}

/** Early enough that no page is looked at less often than `full_list_interval`, jitter included. */
function isWalkDue(memory: SweepMemory, facts: SweepFacts): boolean {
  const { lastWalk, proofDue } = memory;
  if (lastWalk === null || proofDue) return true;
  const { clock, poll, intervalMs } = facts;
  // The last pages come later in a walk that is spread over reads than in one that was made at once.
  const spread = Math.ceil(lastWalk.pages / pagesOfWalk(memory, facts)) * intervalMs;
  const later = Math.max(0, spread - (lastWalk.endedMonotonic - lastWalk.startedMonotonic));
  return clock.monotonic() - lastWalk.startedMonotonic >= poll.fullListIntervalMs - later - 1.5 * intervalMs;
}

/** Enough for a walk to take half of `full_list_interval`; without an order a short list in one read. */
function pagesOfWalk({ lastWalk, order }: SweepMemory, { poll, intervalMs }: SweepFacts): number {
  const share = Math.ceil((2 * (lastWalk?.pages ?? 1) * intervalMs) / poll.fullListIntervalMs);
  return Math.max(order === 'none' ? PAGES_WITHOUT_ORDER : 1, share);
}
