import type { EpochMs } from '../../base/clock.ts';
import type { RemoteEnvironment } from '../../client/work-api.ts';
import type { EnvironmentState } from '../../state/environment-state.ts';

/** An archived environment is watched at most this long: work that is still left then will never end by itself. */
const LONGEST_DRAIN_MS = 86_400_000;

/**
 * Whether an archived environment may still hold work: it accepts no more, and existing work continues. It is drained
 * once reads from after its archiving saw neither waiting nor live items.
 *
 * @param now the own time, as that of the reads, and how far the API's clock, which stamps the archiving, is ahead of it
 */
export function isDraining(
  { archivedAt: archivedAtOfApi = null }: Pick<RemoteEnvironment, 'archivedAt'>,
  state: EnvironmentState | undefined,
  { now, skewMs }: { readonly now: EpochMs; readonly skewMs: number },
): boolean {
  if (archivedAtOfApi === null) return false;
  const archivedAt = archivedAtOfApi - skewMs;
  if (now - archivedAt >= LONGEST_DRAIN_MS) return false;
  if (state === undefined) return true;
  const { queue, items, operations } = state;
  const emptyQueue = queue !== null && queue.observedAt > archivedAt && queue.stats.depth + queue.stats.pending === 0;
  const noItems = items !== null && items.observedAt > archivedAt && items.live.length === 0;
  return !((emptyQueue || !operations.stats.attempted) && (noItems || !operations.list.attempted));
}
