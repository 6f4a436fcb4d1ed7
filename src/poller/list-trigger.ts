import { isUnserved, UNSERVED_SCAN_MS } from '../scan/unserved.ts';
import type { EnvironmentState } from '../state/environment-state.ts';

/**
 * Whether the stats are a reason to read the list at once: the last worker stopped polling, work arrived in an empty
 * queue, or nobody seems to serve waiting work and the last full read is a minute old.
 *
 * @param facts `skewMs`: API clock − own clock, because heartbeats have the API's time
 */
export function triggersList(
  before: EnvironmentState,
  after: EnvironmentState,
  facts: { readonly runsUrgentFullScan: boolean; readonly skewMs: number },
): boolean {
  const { runsUrgentFullScan, skewMs } = facts;
  const was = before.queue?.stats;
  const is = after.queue?.stats;
  if (after.queue === null || is === undefined || after.operations.list.failure !== null) return false;
  if (was !== undefined && was.workersPolling !== 0 && is.workersPolling === 0) return true;
  if (was !== undefined && was.depth === 0 && is.depth > 0) return true;
  // The next read of an urgent full scan is already planned for when permits are available.
  if (runsUrgentFullScan) return false;
  const now = after.queue.observedAt;
  const lastLook = after.items?.lastFullRead?.at ?? Number.NEGATIVE_INFINITY;
  if (now - lastLook < UNSERVED_SCAN_MS) return false;
  const live = (after.items?.live ?? []).map(({ item }) => item);
  return isUnserved(is, live, { now: now + skewMs, ...after.environment.thresholds });
}
