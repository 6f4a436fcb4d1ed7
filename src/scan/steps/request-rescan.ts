import type { RescanReason } from '../memory/rescans.ts';
import type { ScanState } from '../memory/scan-state.ts';
import { apiNow, type ScanFacts } from './scan-request.ts';

/** The shortest time between the end of a full scan and a rescan. */
const APART_MS = 60_000;

/** The list has changed from what was learned: a full scan must read all of it. */
export function requestRescan({ rescans, order }: ScanState, facts: ScanFacts, reason: RescanReason): void {
  // A list without an order is under full scan all the time anyway.
  if (rescans.reason !== null || order.value === 'none') return;
  const now = facts.clock.monotonic();
  const { tooMany } = rescans.add(reason, { now, at: apiNow(facts) });
  if (tooMany) order.markUnordered(now);
}

/**
 * Whether the full scan for a rescan reason may begin: not within a minute, or twice its own duration, of the last one.
 */
export function mayRescan({ rescans, fullScans: { last } }: ScanState, { clock }: ScanFacts): boolean {
  if (rescans.reason === null) return false;
  if (last === null) return true;
  const tookMs = last.endedMonotonic - last.startedMonotonic;
  return clock.monotonic() - last.endedMonotonic >= Math.max(APART_MS, 2 * tookMs);
}
