import type { LifecycleTotals } from '../../lifecycle/totals.ts';
import type { EnvironmentState } from '../../state/environment-state.ts';
import type { LIFECYCLE_METRICS } from '../catalogue/lifecycle-metrics.ts';
import { type MeasureContext, type Measures, single } from './measure.ts';

/** Counters and histograms of transitions: 0 before the first read of the list, and present through every failure. */
export const LIFECYCLE_MEASURES = {
  anthropic_work_items_created_total: count(({ created }) => created),
  anthropic_work_items_acknowledged_total: count(({ acknowledged }) => acknowledged),
  anthropic_work_items_stopped_total: count(({ stopped }) => stopped),
  anthropic_work_items_requeued_total: count(({ requeued }) => requeued),
  anthropic_work_items_lapsed_total: count(({ lapsed }) => lapsed),
  anthropic_work_queue_wait_seconds: histogram(({ wait }) => wait),
  anthropic_work_queue_wait_unknown_total: count(({ waitUnknown }) => waitUnknown),
  anthropic_work_run_seconds: histogram(({ run }) => run),
  anthropic_work_stop_seconds: histogram(({ stop }) => stop),
} satisfies Measures<keyof typeof LIFECYCLE_METRICS>;

function count(read: (totals: LifecycleTotals) => number) {
  return (state: EnvironmentState, context: MeasureContext) => {
    const totals = shown(state, context);
    return single(totals === null ? null : read(totals));
  };
}

function histogram(read: (totals: LifecycleTotals) => LifecycleTotals['wait']) {
  return (state: EnvironmentState, context: MeasureContext) => {
    const totals = shown(state, context);
    return totals === null ? [] : [{ labels: {}, value: read(totals) }];
  };
}

function shown({ lifecycle }: EnvironmentState, { fresh }: MeasureContext): LifecycleTotals | null {
  return fresh.shown.list ? lifecycle : null;
}
