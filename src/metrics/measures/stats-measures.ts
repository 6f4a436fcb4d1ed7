import type { EpochMs } from '../../base/clock.ts';
import { type QueueStats, queueAgeMs } from '../../domain/work.ts';
import type { EnvironmentState } from '../../state/environment-state.ts';
import type { STATS_METRICS } from '../catalogue/stats-metrics.ts';
import { type MeasureContext, type Measures, type Samples, secondsOrNull, single } from './measure.ts';

/** The metrics that change without a read. */
export const AGE_METRIC_NAMES = [
  'anthropic_work_queue_oldest_age_seconds',
  'anthropic_work_queue_age_unknown',
] as const;
export type AgeMetricName = (typeof AGE_METRIC_NAMES)[number];

/** What the last good read of `work/stats` said, while it is recent enough. */
export const STATS_MEASURES = {
  anthropic_work_queue_depth: (state, context) => single(stats(state, context)?.depth ?? null),
  anthropic_work_queue_pending: (state, context) => single(stats(state, context)?.pending ?? null),
  anthropic_work_queue_oldest_timestamp_seconds: (state, context) =>
    single(secondsOrNull(oldestQueuedAt(stats(state, context)))),
  anthropic_work_workers_polling: (state, context) => single(stats(state, context)?.workersPolling ?? null),
} satisfies Measures<Exclude<keyof typeof STATS_METRICS, AgeMetricName>>;

/** The clocks at one scrape. */
export interface ScrapeTime {
  readonly now: EpochMs;
  /** API clock − own clock of the environment's connection; 0 when unknown. */
  readonly skewMs: number;
}

/** Measured at the scrape, from the API's own stamp on the API's own clock. */
export function measureAge(
  name: AgeMetricName,
  state: EnvironmentState,
  { fresh, now, skewMs }: Pick<MeasureContext, 'fresh'> & ScrapeTime,
): Samples<AgeMetricName> {
  const known = stats(state, { fresh });
  if (known === null) return [];
  const age = queueAgeMs(known, now + skewMs);
  return single(name === 'anthropic_work_queue_age_unknown' ? Number(age === null) : secondsOrNull(age));
}

/** An empty queue has no oldest item, whatever stamp comes with its zeros. */
function oldestQueuedAt(known: QueueStats | null): EpochMs | null {
  return known === null || known.depth + known.pending === 0 ? null : known.oldestQueuedAt;
}

function stats({ queue }: EnvironmentState, { fresh }: Pick<MeasureContext, 'fresh'>): QueueStats | null {
  return fresh.data.stats && queue !== null ? queue.stats : null;
}
