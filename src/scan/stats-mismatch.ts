import type { QueueStats } from '../domain/work.ts';
import { requestRescan } from './rescan-reason.ts';
import type { ScanFacts } from './scan-request.ts';
import { isReadWhole, type ScanState } from './scan-state.ts';

/** Reads in a row with a difference before it counts: one may be a race that both stats happened to lose. */
const READS = 2;

/**
 * Compares the queued items that the read before this one knew with the stats around it: those last read before it and
 * those read since. Work that stats count and no page showed is a reason for a full scan; what a full scan does not explain is a
 * difference in meaning, and no reason for another until it grows.
 */
export function judgeMismatch(scanState: ScanState, facts: ScanFacts): void {
  const { comparison } = scanState;
  if (comparison === null || facts.queue === null || facts.queue.observedAt <= comparison.endedAt) return;
  scanState.comparison = null;
  const after = waiting(facts.queue.stats) - comparison.queued;
  const before = (comparison.before ?? waiting(facts.queue.stats)) - comparison.queued;
  const difference = beyondRaces(before, after);
  scanState.mismatch = difference;
  if (scanState.mismatchScanned && comparison.scanned) {
    scanState.mismatchBaseline = Math.max(0, difference);
    scanState.mismatchScanned = false;
  }
  scanState.mismatchBaseline = Math.min(scanState.mismatchBaseline, Math.max(0, difference));
  scanState.mismatchReads = difference > scanState.mismatchBaseline ? scanState.mismatchReads + 1 : 0;
  // A list that is read whole each time has nothing left to look at.
  if (scanState.mismatchReads < READS || isReadWhole(scanState)) return;
  scanState.mismatchReads = 0;
  scanState.mismatchScanned = true;
  requestRescan(scanState, facts, 'mismatch');
}

/** Notes what this read knew, for the next one to judge. */
export function noteComparison(scanState: ScanState, facts: ScanFacts): void {
  let queued = 0;
  for (const { item } of scanState.items.values()) if (item.state === 'queued') queued++;
  scanState.comparison = {
    before: facts.queue === null ? null : waiting(facts.queue.stats),
    queued,
    endedAt: facts.clock.now(),
    // Of a read that was never compared the full scan still counts.
    scanned: scanState.fullScanEnd !== null || scanState.comparison?.scanned === true,
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
