import type { EpochMs } from '../base/clock.ts';
import { ApiError } from '../client/api-error.ts';
import type { WorkItem } from '../domain/work.ts';
import { followOrder, newOrderCheck, seeItems } from './observe-items.ts';
import { apiNow, askPage, awaitTurn, isBadRequest, type Sweep, type SweepFacts } from './scan-request.ts';
import type { ListOrder, SweepMemory, WalkProgress } from './scan-state.ts';
import { keepTail } from './tail-pages.ts';

/** After so many failures in a row of one page the walk begins anew. */
const MOST_FAILURES = 3;

/** How far a read goes on with a walk. */
export interface WalkPace {
  /** Pages at the most. */
  readonly most: number;
  /** Pages that need no turn. */
  readonly free: number;
  /** Whether to wait for a turn, or to leave the rest of the walk to a later read when there is none. */
  readonly waits: boolean;
  readonly urgent: boolean;
}

/**
 * Reads the next pages of the walk, which begins if there is none, until it ends or the pace ends it. Empty pages count
 * as pages. A page that fails is asked again by the next read; the walk so far is kept.
 *
 * Returns whether the walk has ended. @throws ApiError, PageSizeRefused
 */
export function* walkPages(memory: SweepMemory, facts: SweepFacts, pace: WalkPace): Sweep<boolean> {
  const { most, free, waits, urgent } = pace;
  memory.walk ??= beginWalk(memory, facts, { urgent });
  let restarted = false;
  for (let n = 0; n < most; n++) {
    const { walk } = memory;
    if (n >= free) {
      if (waits) yield* awaitTurn();
      else if (!facts.turns.tryTake(walk.urgent)) return false;
    }
    const page = yield* walkPage(memory, facts, { walk, mayRestart: !restarted });
    if (page === null) {
      // The first cursor of a read is one of an earlier read.
      if (n === 0) memory.cursorsExpire = true;
      if (memory.walk === null) return false;
      restarted = true;
      continue;
    }
    const cursor = walk.page;
    walk.pages++;
    if (n >= free) memory.walkRequests++;
    walk.failures = 0;
    seeItems(memory, facts, { items: page.items, page: cursor, walk: walk.number });
    walk.items += followOrder(walk.order, page.items);
    walk.tail = keepTail(walk.tail, { cursor, items: page.items }, metInWalk(memory, walk));
    const { nextPage } = page;
    const ended = nextPage === null;
    if (ended || walk.cursors.has(nextPage) || walk.pages >= facts.poll.maxListPages) {
      endWalk(memory, facts, { walk, truncated: !ended });
      return true;
    }
    walk.cursors.add(nextPage);
    walk.page = nextPage;
  }
  return false;
}

/** One page of the walk; null when its cursor was refused and the walk has begun anew or is over. */
function* walkPage(
  memory: SweepMemory,
  facts: SweepFacts,
  { walk, mayRestart }: { walk: WalkProgress; mayRestart: boolean },
) {
  try {
    return yield* askPage(memory, facts, walk.page);
  } catch (error) {
    if (walk.page !== null && isBadRequest(error)) {
      memory.walk = mayRestart ? beginWalk(memory, facts, walk) : null;
      // What was read of a list that is known is shown all the same.
      if (mayRestart || memory.lastWalk !== null) return null;
    }
    if (error instanceof ApiError && ++walk.failures >= MOST_FAILURES) memory.walk = null;
    throw error;
  }
}

function beginWalk(memory: SweepMemory, facts: SweepFacts, { urgent }: Pick<WalkProgress, 'urgent'>): WalkProgress {
  return {
    number: ++memory.walks,
    startedAt: apiNow(facts),
    startedMonotonic: facts.clock.monotonic(),
    page: null,
    pages: 0,
    items: 0,
    cursors: new Set(),
    order: newOrderCheck(),
    tail: [],
    failures: 0,
    urgent,
  };
}

function endWalk(
  memory: SweepMemory,
  facts: SweepFacts,
  { walk, truncated }: { walk: WalkProgress; truncated: boolean },
): void {
  const { clock } = facts;
  const { startedMonotonic, pages, items } = walk;
  // By the clock of now: the first answers may have told that it goes wrong.
  const startedAt = apiNow(facts) - (clock.monotonic() - startedMonotonic);
  memory.walk = null;
  memory.proofDue = false;
  memory.surprise = null;
  memory.lastWalk = {
    startedMonotonic,
    endedMonotonic: clock.monotonic(),
    endedAt: clock.now(),
    pages,
    items,
    truncated,
  };
  memory.walkEnd = { startedAt, pages, truncated };
  memory.metUntil = Math.max(memory.metUntil, metInWalk(memory, walk));
  memory.order = clock.monotonic() < memory.noneUntil ? 'none' : learnedOrder(walk, truncated);
  memory.tail = memory.order === 'oldest' ? walk.tail : [];
}

/** Until when a walk that ends meets all that was created: what came after it began may stand on pages that it has passed. */
function metInWalk({ newestSeen }: SweepMemory, { startedAt }: WalkProgress): EpochMs {
  return Math.min(newestSeen, startedAt);
}

function learnedOrder({ pages, order }: WalkProgress, truncated: boolean): ListOrder {
  if (pages < 2) return 'unknown';
  // Without a single date there is no order to follow.
  if (order.last === null) return 'none';
  if (order.neverRises) return 'newest';
  // What grows at an end that was not reached cannot be followed there.
  return order.neverFalls && !truncated ? 'oldest' : 'none';
}

/** The live items that a walk which has just ended should have met and did not: no proof yet, but for a single page. */
export function missingAfterWalk(memory: SweepMemory, walk: NonNullable<SweepMemory['walkEnd']>): WorkItem[] {
  const missing: WorkItem[] = [];
  for (const tracked of memory.items.values()) {
    if (tracked.walk !== memory.walks && tracked.observedAt < walk.startedAt) missing.push(tracked.item);
  }
  return missing;
}
