import { COLOUR } from '../parts/colours.ts';
import { chart, fixedColour, limitStyle, rateChart } from '../parts/panels.ts';
import { E, join, ofEnvironment, perEnvironment, strictest } from '../parts/promql.ts';
import { line } from '../parts/targets.ts';

const NAME = '{{environment_name}}';

/** Since when the session that waits longest is idle, judged at the last read of the list. */
const waited =
  `max by (${E}) (${ofEnvironment('anthropic_work_last_success_timestamp_seconds', 'operation="list"')})` +
  ` - on (${E}) group_right () ${strictest('anthropic_work_session_oldest_wait_timestamp_seconds', '', 'reason')}`;

export function sessions() {
  return chart('What sessions of long runs do', {
    shows: 'Running items older than sessions.after, by the status of their session at its last read.',
    normal: 'running, and idle for moments. A terminated session has no business with a worker.',
    alerts: ['SessionEndedItemLive'],
  })
    .unit('short')
    .noValue('not read')
    .withTarget(line('items', perEnvironment('anthropic_work_session_items', '', 'status'), `${NAME} {{status}}`));
}

export function sessionWaits() {
  return chart('Longest wait of a session', {
    shows:
      'How long the session of a running item has been idle, by reason, and the limit for one that requires action.',
    normal: 'seconds. One that requires action for long waits for an approval, or for a result that got lost.',
    alerts: ['SessionWaiting'],
  })
    .unit('dthms')
    .noValue('none waits')
    .withTarget(line('wait', waited, `${NAME} {{reason}}`))
    .withTarget(
      line(
        'limit',
        `${strictest('anthropic_work_threshold_session_wait_seconds')} < Inf`,
        `${NAME} requires_action limit`,
      ),
    )
    .overrideByQuery('limit', limitStyle(COLOUR.warning));
}

export function deliveries() {
  return chart('Most deliveries of one item', {
    shows: 'How often a live item was acknowledged since its last stop, and how many items came back too often.',
    normal: '1, and 0 while nothing runs. More is an item that loses its lease again and again.',
    alerts: ['RedeliveryLoop'],
  })
    .unit('short')
    .withTarget(line('most', perEnvironment('anthropic_work_item_deliveries_max'), `${NAME} most`))
    .withTarget(line('items', perEnvironment('anthropic_work_redelivered_items'), `${NAME} too often`))
    .overrideByQuery('items', [fixedColour(COLOUR.critical)]);
}

const rate = (counter: Parameters<typeof ofEnvironment>[0]) => `rate(${ofEnvironment(counter)}[$__rate_interval])`;
const arrivals = `max by (${E}) (${rate('anthropic_work_items_created_total')} + ${rate('anthropic_work_items_requeued_total')} + ${rate('anthropic_work_items_lapsed_total')})`;
const taken = `max by (${E}) (${rate('anthropic_work_items_acknowledged_total')})`;
const waiting = join(perEnvironment('anthropic_work_queue_depth'), '+', perEnvironment('anthropic_work_queue_pending'));

export function drain() {
  return rateChart('Time until the queue is empty', {
    shows: 'What waits now, divided by how much faster it is taken than it comes.',
    normal: 'near 0. Nothing is drawn while the queue does not shrink: at this rate it never empties.',
    alerts: ['Saturated'],
  })
    .unit('dthms')
    .noValue('does not shrink')
    .withTarget(line('drain', join(waiting, '/', `(${join(taken, '-', arrivals)}) > 0`), NAME));
}
