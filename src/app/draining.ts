import type { EpochMs } from '../base/clock.ts';
import type { RemoteEnvironment } from '../client/work-api.ts';
import type { EnvironmentState } from '../state/environment-state.ts';

/** An archived environment is watched so long at the most: what is left in it then will never end by itself. */
const LONGEST_MS = 86_400_000;

/**
 * Whether an archived environment may still hold work: it takes no more, and what is there goes on. It is drained once reads
 * from after it was archived saw neither waiting nor live items.
 */
export function isDraining(
  { archivedAt = null }: RemoteEnvironment,
  state: EnvironmentState | undefined,
  now: EpochMs,
): boolean {
  if (archivedAt === null || now - archivedAt >= LONGEST_MS) return false;
  if (state === undefined) return true;
  const { queue, items, operations } = state;
  const emptyQueue = queue !== null && queue.observedAt > archivedAt && queue.stats.depth + queue.stats.pending === 0;
  const noItems = items !== null && items.observedAt > archivedAt && items.live.size === 0;
  return !((emptyQueue || !operations.stats.attempted) && (noItems || !operations.list.attempted));
}
