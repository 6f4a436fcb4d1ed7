import { apiNow, type SweepFacts } from './scan-request.ts';
import type { SurpriseReason, SweepMemory } from './scan-state.ts';

const MINUTE_MS = 60_000;
const WITHIN_MS = 10 * MINUTE_MS;
/** As many within ten minutes mean that the order was an illusion. */
const TOO_MANY = 3;
const WITHOUT_ORDER_MS = 60 * MINUTE_MS;

/** The list is not as it was learned to be: a walk has to look at all of it. */
export function surprised(memory: SweepMemory, facts: SweepFacts, reason: SurpriseReason): void {
  // One walk answers all that comes before it; without an order walks never end anyway.
  if (memory.surprise !== null || memory.order === 'none') return;
  const now = facts.clock.monotonic();
  memory.surprises = [...memory.surprises.filter((at) => now - at < WITHIN_MS), now];
  memory.lastSurprise = { reason, at: apiNow(facts) };
  if (memory.surprises.length >= TOO_MANY) {
    memory.surprises = [];
    memory.noneUntil = now + WITHOUT_ORDER_MS;
    memory.order = 'none';
    return;
  }
  memory.surprise = reason;
}

/** Whether the walk that a surprise wants may begin: not before a minute, or twice its own time, after the last one. */
export function surpriseMayWalk({ surprise, lastWalk }: SweepMemory, facts: SweepFacts): boolean {
  if (surprise === null) return false;
  if (lastWalk === null) return true;
  const took = lastWalk.endedMonotonic - lastWalk.startedMonotonic;
  return facts.clock.monotonic() - lastWalk.endedMonotonic >= Math.max(MINUTE_MS, 2 * took);
}
