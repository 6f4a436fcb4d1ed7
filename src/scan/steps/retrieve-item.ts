import { ApiError } from '../../client/failure/api-error.ts';
import { isRejectedOnTheWay } from '../../domain/failure.ts';
import type { ScanState } from '../memory/scan-state.ts';
import { NO_FULL_SCAN, type TrackedItem } from '../memory/tracked-items.ts';
import { dropItem, observeItems } from './observe-items.ts';
import { askItem, type Scan, type ScanFacts } from './scan-request.ts';

/** Whether an item, or any item at all, may be read by its id now. */
export function mayRetrieve({ limits }: ScanState, { mayRetrieve, clock }: ScanFacts, tracked?: TrackedItem): boolean {
  return mayRetrieve && !limits.areSingleReadsRefused(clock.monotonic()) && tracked?.avoidRetrieve !== true;
}

/** Reads one item by its id: 404 proves that it is gone. Failing to read one item does not fail the scan. */
export function* retrieveItem(scanState: ScanState, facts: ScanFacts, id: string): Scan {
  try {
    const item = yield* askItem(id);
    observeItems(scanState, facts, { items: [item], cursor: undefined, fullScan: NO_FULL_SCAN });
  } catch (error) {
    if (!(error instanceof ApiError) || error.failure.reason === 'rate_limited') throw error;
    const { failure } = error;
    const { reason } = failure;
    if (reason === 'not_found') dropItem(scanState, id);
    else if (reason === 'unauthorized' || reason === 'forbidden' || isRejectedOnTheWay(failure)) {
      scanState.limits.singleReadsRefused(facts.clock.monotonic());
    } else scanState.items.avoidRetrieve(id);
  }
}
