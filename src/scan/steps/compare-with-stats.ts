import type { QueueStats } from '../../domain/work.ts';
import { isReadWhole, type ScanState } from '../memory/scan-state.ts';
import { requestRescan } from './request-rescan.ts';
import type { ScanFacts } from './scan-request.ts';

/**
 * Compares the queued items known to the previous scan with the stats before and after it. Work that stats count and no
 * page showed is a reason for a full scan. What a full scan does not explain is a difference in meaning, and no reason
 * for another until it grows.
 */
export function rescanOnMismatch(scanState: ScanState, facts: ScanFacts): void {
  const { mismatch } = scanState;
  const { comparison } = mismatch;
  if (comparison === null || facts.queue === null || facts.queue.observedAt <= comparison.endedAt) return;
  const now = waiting(facts.queue.stats);
  const difference = beyondRaces((comparison.waitingBefore ?? now) - comparison.queued, now - comparison.queued);
  // A list that is read whole each time leaves nothing else to scan.
  if (!mismatch.judge(comparison, difference) || isReadWhole(scanState)) return;
  mismatch.rescanRequested();
  requestRescan(scanState, facts, 'mismatch');
}

/** Notes what this scan knew, so that the next one can judge it. */
export function noteComparison({ mismatch, items, unpublished }: ScanState, { queue, clock }: ScanFacts): void {
  let queued = 0;
  for (const { item } of items.all()) if (item.state === 'queued') queued++;
  mismatch.note({
    waitingBefore: queue === null ? null : waiting(queue.stats),
    queued,
    endedAt: clock.now(),
    fullScanEnded: unpublished.fullScanEnd !== null,
  });
}

function waiting({ depth, pending }: QueueStats): number {
  return depth + pending;
}

/** The part of a difference on which both reads of the stats agree. */
function beyondRaces(before: number, after: number): number {
  if (before > 0 && after > 0) return Math.min(before, after);
  if (before < 0 && after < 0) return Math.max(before, after);
  return 0;
}
