import { apiNow, type ScanFacts } from './scan-request.ts';
import type { RescanReason, ScanState } from './scan-state.ts';

const MINUTE_MS = 60_000;
const WITHIN_MS = 10 * MINUTE_MS;
/** As many within ten minutes mean that the order was an illusion. */
const TOO_MANY = 3;
const WITHOUT_ORDER_MS = 60 * MINUTE_MS;

/** The list is not as it was learned to be: a full scan has to look at all of it. */
export function requestRescan(scanState: ScanState, facts: ScanFacts, reason: RescanReason): void {
  // One full scan answers all that comes before it; without an order full scans never end anyway.
  if (scanState.rescanReason !== null || scanState.order === 'none') return;
  const now = facts.clock.monotonic();
  scanState.rescans = [...scanState.rescans.filter((at) => now - at < WITHIN_MS), now];
  scanState.lastRescan = { reason, at: apiNow(facts) };
  if (scanState.rescans.length >= TOO_MANY) {
    scanState.rescans = [];
    scanState.noneUntil = now + WITHOUT_ORDER_MS;
    scanState.order = 'none';
    return;
  }
  scanState.rescanReason = reason;
}

/** Whether the full scan that a rescan reason wants may begin: not before a minute, or twice its own time, after the last one. */
export function mayRescan({ rescanReason, lastFullScan }: ScanState, facts: ScanFacts): boolean {
  if (rescanReason === null) return false;
  if (lastFullScan === null) return true;
  const took = lastFullScan.endedMonotonic - lastFullScan.startedMonotonic;
  return facts.clock.monotonic() - lastFullScan.endedMonotonic >= Math.max(MINUTE_MS, 2 * took);
}
