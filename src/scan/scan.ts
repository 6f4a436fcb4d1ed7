import { missingAfterWalk, type WalkPace, walkPages } from './full-scan.ts';
import { type PagesRead, readNew } from './incremental-scan.ts';
import { NOBODY_WALK_MS, nobodyServes } from './live-workers.ts';
import { dropItem, NO_WALK, seeItems } from './observe-items.ts';
import { mayRetrieve, refreshItems, retrieveItem } from './refresh-items.ts';
import { surpriseMayWalk } from './rescan-reason.ts';
import { apiNow, askPage, PageSizeRefused, type Sweep, type SweepFacts } from './scan-request.ts';
import { forgetCursors, isShort, type SweepMemory, WHOLE_PAGES } from './scan-state.ts';
import { judgeMismatch, noteComparison } from './stats-mismatch.ts';

/** How long a smaller page size is believed to be necessary. */
const PAGE_SIZE_MS = 86_400_000;
/** Pages of a walk that one read goes through at the least when walks are all there is. */
const PAGES_WITHOUT_ORDER = 10;
/** A second walk over so many pages is made at once, and not at the pace of regular ones. */
const CHEAP_PAGES = 10;
/** Live items of a list that is cut are shown for so long after they were last seen. */
const UNSEEN_MS = 3_600_000;
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
  if (memory.pageSize !== null && memory.pageSize.until <= now) yield* tryPageSize(memory, facts);
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

/** Whether the provider accepts its preset's page size by now. Only then is there a reason to learn the list anew. */
function* tryPageSize(memory: SweepMemory, facts: SweepFacts): Sweep {
  const refused = memory.pageSize;
  memory.pageSize = null;
  try {
    const { items } = yield* askPage(memory, facts, null);
    forgetCursors(memory);
    seeItems(memory, facts, { items, page: null, walk: NO_WALK });
  } catch (error) {
    memory.pageSize = refused;
    if (!(error instanceof PageSizeRefused)) throw error;
    memory.pageSize = { limit: facts.fallbackPageSize, until: facts.clock.monotonic() + PAGE_SIZE_MS };
  }
}

function* readOnce(memory: SweepMemory, facts: SweepFacts): Sweep {
  if (memory.lastWalk === null || isShort(memory.lastWalk)) {
    yield* readWhole(memory, facts);
    if (!tookLong(memory, facts)) return;
  }
  const pages: PagesRead = yield* readNew(memory, facts);
  // Each read looks at one page at the least.
  yield* walkOn(memory, facts, pages.size === 0 ? 1 : 0);
  yield* refreshItems(memory, facts, pages);
  if (surpriseMayWalk(memory, facts) && memory.walk?.urgent !== true) yield* walkOn(memory, facts, 0);
}

/** A long walk that took longer than reads are apart has missed what came since it passed the place for it. */
function tookLong({ lastWalk }: SweepMemory, { clock, intervalMs }: SweepFacts): boolean {
  if (lastWalk === null || isShort(lastWalk)) return false;
  return clock.monotonic() - lastWalk.startedMonotonic >= intervalMs;
}

/** All of a list that is short, or of which nothing can be shown before it was read to its end. */
function* readWhole(memory: SweepMemory, facts: SweepFacts): Sweep {
  // A long walk that failed or had no turn on its way goes on; a short one is quicker begun anew.
  if ((memory.walk?.pages ?? 0) < WHOLE_PAGES) memory.walk = null;
  // Of a list that has outgrown its last walk something can be shown meanwhile.
  const waits = memory.lastWalk === null;
  const pace = { most: Number.POSITIVE_INFINITY, waits, urgent: !waits };
  yield* walkSome(memory, facts, { ...pace, free: Math.max(1, WHOLE_PAGES - (memory.walk?.pages ?? 0)) });
  if (memory.proofDue && memory.lastWalk !== null && isShort(memory.lastWalk)) {
    yield* walkSome(memory, facts, { ...pace, free: WHOLE_PAGES });
  }
}

/** A part of the walk over a long list that is under way or due. What is urgent begins one anew, and goes as far as it may. */
function* walkOn(memory: SweepMemory, facts: SweepFacts, free: number): Sweep {
  const urgent = wantsWalkNow(memory, facts);
  // The places that a regular walk has passed may be those where something has happened since.
  if (urgent && memory.walk?.urgent !== true) memory.walk = null;
  const isIdle = memory.walk === null && memory.order !== 'none' && !isWalkDue(memory, facts);
  // Where no other page was to be had, its cursor refused, the walk begins early.
  if (isIdle && !urgent && free === 0) return;
  const goesFar = urgent || memory.walk?.urgent === true || memory.cursorsExpire;
  const most = goesFar ? Number.POSITIVE_INFINITY : pagesOfWalk(memory, facts);
  yield* walkSome(memory, facts, { most, free, waits: false, urgent });
}

function wantsWalkNow(memory: SweepMemory, facts: SweepFacts): boolean {
  const { order, proofDue, lastWalk } = memory;
  // An item was not met: a second walk at once settles it, where that is cheap.
  const proves = proofDue && (lastWalk?.pages ?? 0) <= CHEAP_PAGES;
  return order === 'unknown' || proves || surpriseMayWalk(memory, facts) || isNobodyThere(memory, facts);
}

function* walkSome(memory: SweepMemory, facts: SweepFacts, pace: WalkPace): Sweep {
  const ended = yield* walkPages(memory, facts, pace);
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
    // Behind the cut of a list nothing can be proved: what nobody could look at for so long is not claimed any more.
    const isLost = walk.truncated && apiNow(facts) - tracked.observedAt > UNSEEN_MS;
    if (isLost || (!walk.truncated && (walk.pages === 1 || misses >= 2))) {
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

/** Enough for a walk to take half of `full_list_interval`; without an order walks are all there is. */
function pagesOfWalk({ lastWalk, order }: SweepMemory, { poll, intervalMs }: SweepFacts): number {
  const share = Math.ceil((2 * (lastWalk?.pages ?? 1) * intervalMs) / poll.fullListIntervalMs);
  return Math.max(order === 'none' ? PAGES_WITHOUT_ORDER : 1, share);
}
