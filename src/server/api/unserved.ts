import type { EpochMs } from '../../base/clock.ts';
import type { Environment } from '../../domain/environment.ts';
import { queueAgeMs } from '../../domain/queue-age.ts';
import { isRunning } from '../../domain/work.ts';
import type { AlertName } from '../../rules/parts/alert-names.ts';
import { isStale } from '../../state/staleness.ts';
import type { ExceededThreshold } from './threshold-alerts.ts';
import type { VisibleState } from './visible-state.ts';

/** The alert with the same condition. */
export const UNSERVED_ALERT = 'AnthropicWorkNoWorkers' satisfies AlertName;

/**
 * Work that nobody seems to take: it has waited for half of the stricter age limit, nobody polls, and no running item
 * has a fresh heartbeat. The alert waits for the same half, so that a fleet can scale up from zero.
 *
 * Critical if a list that was read to its end shows that no worker is alive. Without one it is a warning, because a
 * fleet that is merely busy does not poll either.
 */
export function unservedThreshold(
  { thresholds }: Environment,
  { queue, items }: VisibleState,
  apiNow: EpochMs,
): ExceededThreshold | null {
  if (queue === null) return null;
  const { workersPolling } = queue.stats;
  const age = queueAgeMs(queue.stats, apiNow);
  const limit = Math.min(thresholds.queueAgeSeconds.warning, thresholds.queueAgeSeconds.critical) / 2;
  // Where nothing waits, the age is 0.
  if (age === null || age / 1000 <= limit) return null;
  const isListComplete = items !== null && items.lastFullRead?.truncated !== true;
  const hasLiveWorker =
    items?.live.some((seen) => isRunning(seen.item.state) && !isStale(seen, items, thresholds)) === true;
  // Without a worker count only the list can tell.
  if (hasLiveWorker || (workersPolling ?? (isListComplete ? 0 : 1)) > 0) return null;
  return {
    threshold: 'queue_age',
    severity: isListComplete ? 'critical' : 'warning',
    state: null,
    value: age / 1000,
    limit,
    since: apiNow - age + limit * 1000,
    alert: UNSERVED_ALERT,
  };
}
