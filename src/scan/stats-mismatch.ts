import type { QueueStats } from '../domain/work.ts';
import { surprised } from './rescan-reason.ts';
import type { SweepFacts } from './scan-request.ts';
import { isReadWhole, type SweepMemory } from './scan-state.ts';

/** Reads in a row with a difference before it counts: one may be a race that both stats happened to lose. */
const READS = 2;

/**
 * Compares the queued items that the read before this one knew with the stats around it: those last read before it and
 * those read since. Work that stats count and no page showed is a reason to walk; what a walk does not explain is a
 * difference in meaning, and no reason to walk again until it grows.
 */
export function judgeMismatch(memory: SweepMemory, facts: SweepFacts): void {
  const { comparison } = memory;
  if (comparison === null || facts.queue === null || facts.queue.observedAt <= comparison.endedAt) return;
  memory.comparison = null;
  const after = waiting(facts.queue.stats) - comparison.queued;
  const before = (comparison.before ?? waiting(facts.queue.stats)) - comparison.queued;
  const difference = beyondRaces(before, after);
  memory.mismatch = difference;
  if (memory.mismatchWalked && comparison.walked) {
    memory.mismatchBaseline = Math.max(0, difference);
    memory.mismatchWalked = false;
  }
  memory.mismatchBaseline = Math.min(memory.mismatchBaseline, Math.max(0, difference));
  memory.mismatchReads = difference > memory.mismatchBaseline ? memory.mismatchReads + 1 : 0;
  // A list that is read whole each time has nothing left to look at.
  if (memory.mismatchReads < READS || isReadWhole(memory)) return;
  memory.mismatchReads = 0;
  memory.mismatchWalked = true;
  surprised(memory, facts, 'mismatch');
}

/** Notes what this read knew, for the next one to judge. */
export function noteComparison(memory: SweepMemory, facts: SweepFacts): void {
  let queued = 0;
  for (const { item } of memory.items.values()) if (item.state === 'queued') queued++;
  memory.comparison = {
    before: facts.queue === null ? null : waiting(facts.queue.stats),
    queued,
    endedAt: facts.clock.now(),
    // Of a read that was never compared the walk still counts.
    walked: memory.walkEnd !== null || memory.comparison?.walked === true,
  };
}

function waiting({ depth, pending }: QueueStats): number {
  return depth + pending;
}

/** The part of a difference that both reads of the stats agree on. */
function beyondRaces(before: number, after: number): number {
  if (before > 0 && after > 0) return Math.min(before, after);
  if (before < 0 && after < 0) return Math.max(before, after);
  return 0;
}
