import type { EpochMs } from '../../base/clock.ts';
import type { Environment } from '../../domain/environment.ts';
import { queueAgeMs } from '../../domain/queue-age.ts';
import { exceeds, type Limit, limitsOf, THRESHOLD_NAMES, type ThresholdName } from '../../domain/thresholds.ts';
import { isRunning } from '../../domain/work.ts';
import { readingOf } from '../../state/long-runs.ts';
import { inStateSince, isStale, staleFrom } from '../../state/staleness.ts';
import { secondsAtRead, staleItems } from './items-at-read.ts';
import { type ExceededThreshold, THRESHOLD_ALERTS } from './threshold-alerts.ts';
import { unservedThreshold } from './unserved.ts';
import type { VisibleState } from './visible-state.ts';

interface Measured {
  readonly value: number;
  readonly since: EpochMs | null;
}

interface Facts {
  readonly environment: Environment;
  readonly visible: VisibleState;
  /** Now on the API's clock. */
  readonly apiNow: EpochMs;
}

/**
 * The exceeded thresholds of an environment; if nobody takes its work, that comes first. What cannot be seen exceeds
 * nothing. Each threshold is listed once, at its highest severity, as a critical alert mutes the warning of the same
 * name.
 */
export function exceededThresholds(facts: Facts): readonly ExceededThreshold[] {
  const unserved = unservedThreshold(facts.environment, facts.visible, facts.apiNow);
  return [...(unserved === null ? [] : [unserved]), ...exceeded(facts)];
}

function exceeded(facts: Facts): ExceededThreshold[] {
  return THRESHOLD_NAMES.flatMap((threshold) => {
    const met = limitsOf(threshold, facts.environment.thresholds).flatMap((limit) => {
      const measured = measure[threshold](facts, limit);
      if (measured === null || !exceeds(threshold, measured.value, limit.value)) return [];
      const { severity, state } = limit;
      return [{ threshold, severity, state, ...measured, limit: limit.value, alert: THRESHOLD_ALERTS[threshold] }];
    });
    const critical = met.filter((condition) => condition.severity === 'critical');
    return critical.length > 0 ? critical : met;
  });
}

/** The number that each threshold is compared with; null when unknown. */
const measure: Readonly<Record<ThresholdName, (facts: Facts, limit: Limit) => Measured | null>> = {
  queue_age({ visible: { queue }, apiNow }, limit) {
    const age = queue === null ? null : queueAgeMs(queue.stats, apiNow);
    if (age === null) return null;
    return { value: age / 1000, since: apiNow - age + limit.value * 1000 };
  },
  queue_depth({ visible: { queue } }) {
    return queue === null ? null : { value: queue.stats.depth, since: null };
  },
  stale_heartbeat_items({ visible: { items }, environment: { thresholds } }, limit) {
    if (items === null) return null;
    // A starting item has sent no heartbeat yet, and one that was asked to stop may end without another.
    const stale = staleItems(items, thresholds, 'active');
    const from = stale.map((observed) => staleFrom(observed, thresholds)!).sort((a, b) => a - b);
    return { value: stale.length, since: from[Math.max(1, Math.ceil(limit.value)) - 1] ?? null };
  },
  state_age({ visible: { items } }, limit) {
    if (items === null) return null;
    let oldest: Measured | null = null;
    for (const observed of items.live) {
      if (observed.item.state !== limit.state) continue;
      const since = inStateSince(observed);
      const value = secondsAtRead(since, observed, items);
      if (value === null || since === null || (oldest !== null && value <= oldest.value)) continue;
      oldest = { value, since: since + limit.value * 1000 };
    }
    return oldest;
  },
  session_wait({ visible: { items, sessions }, apiNow }, limit) {
    if (items === null) return null;
    const since = items.live.flatMap((observed) => {
      const idle = readingOf(sessions, observed)?.idle;
      return idle?.reason === 'requires_action' && idle.processedAt !== null ? idle.processedAt : [];
    });
    if (since.length === 0) return null;
    const oldest = since.reduce((one, other) => Math.min(one, other));
    return { value: Math.max(0, (apiNow - oldest) / 1000), since: oldest + limit.value * 1000 };
  },
  redeliveries({ visible: { items } }) {
    if (items === null) return null;
    let most = 0;
    for (const { deliveries = 0 } of items.live) most = Math.max(most, deliveries - 1);
    return { value: most, since: null };
  },
  min_workers({ visible: { queue, items }, environment: { thresholds } }) {
    const polling = queue?.stats.workersPolling ?? null;
    if (polling === null || items === null) return null;
    // A busy worker does not poll: it shows itself by the item that it keeps alive.
    const busy = items.live.filter((seen) => isRunning(seen.item.state) && !isStale(seen, items, thresholds));
    return { value: polling + busy.length, since: null };
  },
};
