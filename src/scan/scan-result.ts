import type { LedgerRead } from '../lifecycle/ledger.ts';
import type { ItemsSnapshot } from '../state/environment-state.ts';
import { isReadWhole, type SweepMemory } from './scan-state.ts';

/** Hands over what was seen since the last read that ended well. */
export function takeUnpublished(memory: SweepMemory): LedgerRead {
  const read = { sightings: [...memory.unpublished.values()], gone: [...memory.gone], walk: memory.walkEnd };
  memory.unpublished.clear();
  memory.gone.clear();
  memory.walkEnd = null;
  return read;
}

/** How the list is read and what the last look at all of it was like. */
export function listFactsOf(memory: SweepMemory): Pick<ItemsSnapshot, 'mode' | 'lastFullRead' | 'mismatch' | 'sweep'> {
  const { order, lastWalk, mismatch, lastSurprise } = memory;
  return {
    mode: isReadWhole(memory) || order === 'unknown' ? 'whole' : order,
    lastFullRead:
      lastWalk === null
        ? null
        : { at: lastWalk.endedAt, pages: lastWalk.pages, items: lastWalk.items, truncated: lastWalk.truncated },
    mismatch,
    sweep: {
      walkMs: lastWalk === null ? null : lastWalk.endedMonotonic - lastWalk.startedMonotonic,
      surprise: lastSurprise,
    },
  };
}
