import type { MakeAlert } from '../parts/alert.ts';
import { ENVIRONMENT_NAME, NAME_AND_ID, PERCENT_VALUE } from '../parts/annotation.ts';
import { by, ENVIRONMENT, type Queries, REPLICA } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';

/** The fewest short runs in half an hour worth an alert; a range may see slightly less of a counter than there was. */
const SHORT_RUNS = 4.5;
/** The fraction of all runs that is worth one. */
const SHORT_FRACTION = 0.5;
const WINDOW = '30m';
/** The bound of 5 s: an OpenTelemetry Collector writes it without the point. */
const SHORT_BOUND = ['5', '5\\.0'];

/**
 * Runs that end as soon as they begin, among those that ended in the last half hour. Health checks do so, too, and are
 * no runs.
 */
export function shortRunRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const perReplica = (series: string) => by('max', REPLICA, increase(q, q.recorded(series)));
  const checks =
    `${perReplica('anthropic_work_items_acknowledged_total')}\n- ${perReplica('anthropic_work_queue_wait_seconds_count')}` +
    `\n- ${perReplica('anthropic_work_queue_wait_unknown_total')}`;
  return [
    { record: RECORDED.healthChecks, expr: `${checks}\n> 0.5` },
    { record: RECORDED.shortRuns, expr: `${runsWithin(q, SHORT_BOUND)}\n> ${SHORT_RUNS}` },
    alert('AnthropicWorkRunsTooShort', 'warning', {
      expr: tooShort(q),
      for: '5m',
      keepFiringFor: '5m',
      summary: `${ENVIRONMENT_NAME}: ${PERCENT_VALUE} of the runs ended within 5 seconds`,
      description: `Runs of environment ${NAME_AND_ID} end as soon as they begin, so work looks done and is not. Start one by hand: a command that returns early, a missing tool or a missing permission shows at once. The runs of archived or terminated sessions also end like this.`,
    }),
  ];
}

/** The fraction of runs that ended within 5 s, if there were several. */
function tooShort(q: Queries): string {
  return by('max', ENVIRONMENT, `${q.recorded(RECORDED.shortRuns)} / ${runsWithin(q, '+Inf')} > ${SHORT_FRACTION}`);
}

/**
 * Runs of sessions that took at most this long. The label `le` keeps both operands of `or` apart, so that the sum is a
 * difference.
 */
function runsWithin(q: Queries, le: string | readonly string[]): string {
  const runs = increase(q, q.recorded('anthropic_work_run_seconds_bucket', { le }));
  return by('sum', REPLICA, `${runs} or -1 * ${q.recorded(RECORDED.healthChecks)}`);
}

function increase(q: Queries, counter: string): string {
  return `increase(${q.range(counter, WINDOW)})`;
}
