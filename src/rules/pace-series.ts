import { by, ENVIRONMENT, on, type Queries, REPLICA } from './queries.ts';
import { RECORDED } from './recorded.ts';
import type { Rule } from './rule.ts';

const WINDOW = '15m';

/** How fast work arrives and leaves, and whether the queue will empty by itself. */
export function paceSeries(q: Queries): readonly Rule[] {
  const rate = (name: Parameters<Queries['metric']>[0]) => `rate(${q.range(q.metric(name), WINDOW)})`;
  // An item joins the queue when it is created, when its session wakes up and when its lease lapses.
  const joins = ['anthropic_work_items_requeued_total', 'anthropic_work_items_lapsed_total'] as const;
  const arrivals = [rate('anthropic_work_items_created_total'), ...joins.map(rate)].join(`\n  + on (${REPLICA}) `);
  const arriving = q.recorded(RECORDED.arrivals);
  const taken = q.recorded(RECORDED.acknowledgements);
  return [
    { record: RECORDED.arrivals, expr: by('max', ENVIRONMENT, `\n  ${arrivals}\n`) },
    {
      record: RECORDED.acknowledgements,
      expr: by('max', ENVIRONMENT, rate('anthropic_work_items_acknowledged_total')),
    },
    { record: RECORDED.stops, expr: by('max', ENVIRONMENT, rate('anthropic_work_items_stopped_total')) },
    {
      // Absent unless the queue shrinks: otherwise there is no such time.
      record: RECORDED.drain,
      expr: `${q.recorded(RECORDED.waiting)}\n/ on (${ENVIRONMENT}) (${on(taken, '-', arriving)} > 0)`,
    },
  ];
}
