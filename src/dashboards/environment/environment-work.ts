import { COLOUR } from '../parts/colours.ts';
import { chart, limitStyle } from '../parts/panels.ts';
import { E, join, ofEnvironment, perEnvironment, strictest } from '../parts/promql.ts';
import { stale } from '../parts/queue-expressions.ts';
import { line } from '../parts/targets.ts';

const NAME = '{{environment_name}}';

/** Since when the item longest in a state is there, judged at the read that saw it and not at the present. */
const stateAge =
  `max by (${E}) (${ofEnvironment('anthropic_work_last_success_timestamp_seconds', 'operation="list"')})` +
  ` - on (${E}) group_right () ` +
  strictest('anthropic_work_oldest_item_timestamp_seconds', 'state=~"starting|active|stopping"', 'state');
const stateAgeLimit = `${strictest('anthropic_work_threshold_state_age_seconds', '', 'state')} < Inf`;
const heartbeatAge = join(
  perEnvironment('anthropic_work_last_success_timestamp_seconds', 'operation="list"'),
  '-',
  strictest('anthropic_work_oldest_heartbeat_timestamp_seconds'),
);

export function heartbeats() {
  return chart('Items with a stale heartbeat', {
    shows: 'Active items whose worker has been silent for longer than the threshold, with the limits on their number.',
    normal: '0. Peaks are short: after its lease of some minutes the service queues the item again.',
    alerts: ['StaleHeartbeats'],
  })
    .unit('short')
    .withTarget(line('stale', stale, NAME))
    .withTarget(line('warning', staleLimit('warning'), `${NAME} warning limit`))
    .withTarget(line('critical', staleLimit('critical'), `${NAME} critical limit`))
    .overrideByQuery('warning', limitStyle(COLOUR.warning))
    .overrideByQuery('critical', limitStyle(COLOUR.critical));
}

const staleLimit = (severity: string) =>
  `${strictest('anthropic_work_threshold_stale_heartbeat_items', `severity="${severity}"`)} < Inf`;

export function heartbeatAges() {
  return chart('Oldest heartbeat', {
    shows:
      'Age of the least recent heartbeat among active items at the read that saw it, and the age that counts as stale.',
    normal:
      'below the dashed line; workers send a heartbeat every 30 s or so. Nothing is drawn while no item is active.',
    alerts: ['StaleHeartbeats'],
  })
    .unit('dthms')
    .noValue('none seen')
    .withTarget(line('age', heartbeatAge, NAME))
    .withTarget(
      line('limit', `${strictest('anthropic_work_threshold_stale_heartbeat_seconds')} < Inf`, `${NAME} stale from`),
    )
    .overrideByQuery('limit', limitStyle(COLOUR.warning));
}

export function stateAges() {
  return chart('Longest in one state', {
    shows:
      'How long the item that is longest in a state has been there at the last read, and the limits of the states.',
    normal: 'starting and stopping take seconds to a minute; active as long as a session runs.',
    alerts: ['ItemStuck'],
  })
    .unit('dthms')
    .noValue('none seen')
    .withTarget(line('age', stateAge, `${NAME} {{state}}`))
    .withTarget(line('limit', stateAgeLimit, `${NAME} {{state}} limit`))
    .overrideByQuery('limit', limitStyle(COLOUR.warning));
}
