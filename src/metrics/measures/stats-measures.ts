import type { EpochMs } from '../../base/clock.ts';
import type { QueueStats } from '../../domain/work.ts';
import type { EnvironmentState } from '../../state/environment-state.ts';
import type { STATS_METRICS } from '../catalogue/stats-metrics.ts';
import { type MeasureContext, type Measures, type Samples, secondsOrNull, single } from './measure.ts';

/** The one metric that changes while nothing is read. */
export type AgeMetricName = 'anthropic_work_queue_oldest_age_seconds';

/** What the last good read of `work/stats` said, while it is young enough. */
export const STATS_MEASURES = {
  anthropic_work_queue_depth: (state, context) => single(stats(state, context)?.depth ?? null),
  anthropic_work_queue_pending: (state, context) => single(stats(state, context)?.pending ?? null),
  anthropic_work_queue_oldest_timestamp_seconds: (state, context) =>
    single(secondsOrNull(stats(state, context)?.oldestQueuedAt ?? null)),
  anthropic_work_workers_polling: (state, context) => single(stats(state, context)?.workersPolling ?? null),
} satisfies Measures<Exclude<keyof typeof STATS_METRICS, AgeMetricName>>;

/** The clock at one scrape. */
export interface ScrapeTime {
  readonly now: EpochMs;
  /** API clock − own clock of the environment's connection; 0 when unknown. */
  readonly skewMs: number;
}

/** Grows between reads, from the API's own stamp on the API's own clock; never negative. */
export function measureAge(
  state: EnvironmentState,
  context: Pick<MeasureContext, 'fresh'>,
  { now, skewMs }: ScrapeTime,
): Samples<AgeMetricName> {
  const known = stats(state, context);
  if (known === null) return [];
  if (known.oldestQueuedAt === null) return single(0);
  return single(Math.max(0, (now + skewMs - known.oldestQueuedAt) / 1000));
}

function stats({ queue }: EnvironmentState, { fresh }: Pick<MeasureContext, 'fresh'>): QueueStats | null {
  return fresh.data.stats && queue !== null ? queue.stats : null;
}
