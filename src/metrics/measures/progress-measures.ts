import type { EpochMs } from '../../base/clock.ts';
import { SESSION_STATUSES, WAIT_REASONS, type WaitReason } from '../../domain/work.ts';
import type { EnvironmentState, SessionReading } from '../../state/environment-state.ts';
import { readingOf } from '../../state/sessions.ts';
import type { PROGRESS_METRICS } from '../catalogue/progress-metrics.ts';
import { type MeasureContext, type Measures, seconds, single } from './measure.ts';

/** Whether running work makes progress. */
export const PROGRESS_MEASURES = {
  anthropic_work_session_attempted: ({ sessions }) => single(sessions?.attempted === true ? 1 : 0),
  anthropic_work_session_items: (state, context) => {
    const readings = readingsOf(state, context);
    if (readings === null) return [];
    return SESSION_STATUSES.map((status) => ({
      labels: { status },
      value: readings.filter(({ facts }) => facts.status === status).length,
    }));
  },
  anthropic_work_session_waiting_items: (state, context) => {
    const readings = readingsOf(state, context);
    if (readings === null) return [];
    return WAIT_REASONS.map((reason) => ({ labels: { reason }, value: waiting(readings, reason).length }));
  },
  anthropic_work_session_oldest_wait_timestamp_seconds: (state, context) =>
    WAIT_REASONS.flatMap((reason) => {
      const since = waiting(readingsOf(state, context) ?? [], reason).flatMap(({ idle }) => idle?.processedAt ?? []);
      return since.length === 0 ? [] : [{ labels: { reason }, value: seconds(earliest(since)) }];
    }),
  anthropic_work_item_deliveries_max: (state, context) => single(deliveries(state, context)?.max ?? null),
  anthropic_work_redelivered_items: (state, context) => single(deliveries(state, context)?.redelivered ?? null),
} satisfies Measures<keyof typeof PROGRESS_METRICS>;

/** One reading for each live item whose session was read during its present run; null when nothing may be shown. */
function readingsOf(state: EnvironmentState, { fresh }: MeasureContext): readonly SessionReading[] | null {
  if (!fresh.sessions) return null;
  return (state.items?.live ?? []).flatMap((observed) => readingOf(state.sessions, observed) ?? []);
}

function waiting(readings: readonly SessionReading[], reason: WaitReason): readonly SessionReading[] {
  return readings.filter(({ idle }) => idle?.reason === reason);
}

function earliest(stamps: readonly EpochMs[]): EpochMs {
  return stamps.reduce((one, other) => Math.min(one, other));
}

function deliveries({ items, environment }: EnvironmentState, { fresh }: MeasureContext) {
  if (!fresh.data.list || items === null) return null;
  let max = 0;
  let redelivered = 0;
  for (const { deliveries: count = 0 } of items.live) {
    max = Math.max(max, count);
    if (count - 1 >= environment.thresholds.redeliveries) redelivered++;
  }
  return { max, redelivered };
}
