import { DURATION_BUCKETS, emptyHistogram, observe, STOP_BUCKETS } from '../../../src/domain/histogram.ts';
import type { ObservedMetricName } from '../../../src/metrics/catalogue.ts';
import { noTransitions } from '../../support/expositions.ts';
import { buildState } from '../../support/states.ts';
import type { Case } from './presence-case.ts';

const counted = buildState('env_1', {
  lifecycle: noTransitions({
    ...{ created: 1, acknowledged: 2, stopped: 3, requeued: 4, lapsed: 5, waitUnknown: 6 },
    wait: observe(emptyHistogram(DURATION_BUCKETS), 3.5),
    run: observe(emptyHistogram(DURATION_BUCKETS), 100_000),
    stop: observe(emptyHistogram(STOP_BUCKETS), 60),
  }),
});
function histogram(bounds: readonly number[], counts: (bound: number) => number, sum: number): string[] {
  const buckets = [...bounds, Number.POSITIVE_INFINITY].map((bound) => {
    const le = bound === Number.POSITIVE_INFINITY ? '+Inf' : `${bound}.0`;
    return `_bucket le=${le} ${counts(bound)}`;
  });
  return [...buckets, `_sum ${sum}`, '_count 1'];
}

/** What was counted. */
export const LIFECYCLE_CASES = {
  anthropic_work_items_created_total: { present: [counted, ['1']], absent: { states: [buildState()] } },
  anthropic_work_items_acknowledged_total: { present: [counted, ['2']], absent: { states: [buildState()] } },
  anthropic_work_items_stopped_total: { present: [counted, ['3']], absent: { states: [buildState()] } },
  anthropic_work_items_requeued_total: { present: [counted, ['4']], absent: { states: [buildState()] } },
  anthropic_work_items_lapsed_total: { present: [counted, ['5']], absent: { states: [buildState()] } },
  anthropic_work_queue_wait_seconds: {
    present: [counted, histogram(DURATION_BUCKETS, (bound) => (bound < 3.5 ? 0 : 1), 3.5)],
    absent: { states: [buildState()] },
  },
  anthropic_work_queue_wait_unknown_total: { present: [counted, ['6']], absent: { states: [buildState()] } },
  anthropic_work_run_seconds: {
    present: [counted, histogram(DURATION_BUCKETS, (bound) => (bound < 100_000 ? 0 : 1), 100_000)],
    absent: { states: [buildState()] },
  },
  anthropic_work_stop_seconds: {
    present: [counted, histogram(STOP_BUCKETS, (bound) => (bound < 60 ? 0 : 1), 60)],
    absent: { states: [buildState()] },
  },
} satisfies Partial<Record<ObservedMetricName, Case>>;
