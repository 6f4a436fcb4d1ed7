import { ageAtRead } from '../expressions/ages.ts';
import { perEnvironment, strictest } from '../expressions/promql.ts';
import { countChart, minutesChart } from '../panels/charts.ts';
import { listLegend } from '../panels/legends.ts';
import { fixedColour, limitStyle, TENTHS } from '../panels/line-styles.ts';
import { LINE } from '../panels/name-colours.ts';
import { COLOUR } from '../parts/colours.ts';
import { line } from '../parts/targets.ts';
import { inMinutes } from '../parts/units.ts';

export function sessions() {
  return countChart('What sessions of long runs do', {
    shows: 'Running items older than sessions.after, by the status of their session at its last read, added up.',
    normal: 'running, and idle for moments. A terminated session has no business with a worker.',
    alerts: ['ItemStuck'],
  })
    .legend(listLegend())
    .noValue('not read')
    .withTarget(
      line('items', `sum by (status) (${perEnvironment('anthropic_work_session_items', '', 'status')})`, '{{status}}'),
    )
    .overrideByName('running', [fixedColour(LINE.green)])
    .overrideByName('idle', [fixedColour(LINE.yellow)])
    .overrideByName('rescheduling', [fixedColour(LINE.teal)])
    .overrideByName('terminated', [fixedColour(LINE.cyan)])
    .overrideByName('other', [fixedColour(LINE.grey)]);
}

const waited = ageAtRead('anthropic_work_session_oldest_wait_timestamp_seconds', '', 'reason');

export function sessionWaits() {
  return minutesChart('Longest wait of a session', {
    shows:
      'How long the session of a running item has been idle, by reason, and the lowest limit for one that requires action.',
    normal: 'seconds. One that requires action for long waits for an approval, or for a result that got lost.',
    alerts: ['SessionWaiting'],
  })
    .legend(listLegend())
    .noValue('none seen')
    .withTarget(
      line(
        'limit',
        inMinutes(`min(${strictest('anthropic_work_threshold_session_wait_seconds')} < Inf)`),
        'requires_action limit',
      ),
    )
    .withTarget(line('wait', inMinutes(`max by (reason) (${waited})`), '{{reason}}'))
    .overrideByQuery('wait', [TENTHS])
    .overrideByQuery('limit', limitStyle(COLOUR.warning));
}

export function deliveries() {
  return countChart('Most deliveries of one item', {
    shows: 'How often a live item was acknowledged since its last stop, and how many items came back too often.',
    normal: '1, and 0 while nothing runs. More is an item that loses its lease again and again.',
    alerts: ['ItemStuck'],
  })
    .legend(listLegend())
    .withTarget(line('most', `max(${perEnvironment('anthropic_work_item_deliveries_max')})`, 'most deliveries'))
    .withTarget(line('items', `sum(${perEnvironment('anthropic_work_redelivered_items')})`, 'items too often'))
    .overrideByQuery('most', [fixedColour(LINE.green)])
    .overrideByQuery('items', [fixedColour(LINE.yellow)]);
}
