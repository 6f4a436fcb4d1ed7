import { ageAtRead } from '../expressions/ages.ts';
import { strictest } from '../expressions/promql.ts';
import { stale } from '../expressions/queue-expressions.ts';
import { countChart, minutesChart } from '../panels/charts.ts';
import { listLegend } from '../panels/legends.ts';
import { fixedColour, limitStyle, TENTHS } from '../panels/line-styles.ts';
import { LINE } from '../panels/name-colours.ts';
import { COLOUR } from '../parts/colours.ts';
import { line } from '../parts/targets.ts';
import { inMinutes } from '../parts/units.ts';

const NAME = '{{environment_name}}';

export function heartbeats() {
  return countChart('Stale heartbeats', {
    shows:
      'Active items whose worker has been silent for longer than the threshold, with the lowest limits on their number.',
    normal: '0. Peaks are short: after its lease of some minutes the service queues the item again.',
    alerts: ['HeartbeatsStale'],
  })
    .withTarget(line('stale', stale, NAME))
    .withTarget(line('warning', staleLimit('warning'), 'warning limit'))
    .withTarget(line('critical', staleLimit('critical'), 'critical limit'))
    .overrideByQuery('warning', limitStyle(COLOUR.warning))
    .overrideByQuery('critical', limitStyle(COLOUR.critical));
}

const staleLimit = (severity: string) =>
  `min(${strictest('anthropic_work_threshold_stale_heartbeat_items', `severity="${severity}"`)} < Inf)`;

export function heartbeatAges() {
  return minutesChart('Oldest heartbeat', {
    shows:
      'Age of the least recent heartbeat among active items at the read that saw it, and the age that counts as stale.',
    normal:
      'below the dashed line; workers send a heartbeat every 30 s or so. Nothing is drawn while no item is active.',
    alerts: ['HeartbeatsStale'],
  })
    .noValue('none seen')
    .withTarget(
      line(
        'limit',
        inMinutes(`min(${strictest('anthropic_work_threshold_stale_heartbeat_seconds')} < Inf)`),
        'stale from',
      ),
    )
    .withTarget(line('age', inMinutes(ageAtRead('anthropic_work_oldest_heartbeat_timestamp_seconds')), NAME))
    .overrideByQuery('age', [TENTHS])
    .overrideByQuery('limit', limitStyle(COLOUR.warning));
}

const stateAge = ageAtRead(
  'anthropic_work_oldest_item_timestamp_seconds',
  'state=~"starting|active|stopping"',
  'state',
);

const stateLimit = `min by (state) (${strictest('anthropic_work_threshold_state_age_seconds', '', 'state')} < Inf)`;
const longestInState = `max_over_time((max by (state) (${stateAge}))[$__range:$__interval] @ end())`;
/** One day is the limit of active items by default: drawn from the start, it would leave minutes no room. */
const nearStateLimit = `(${stateLimit}) and on (state) (4 * ${longestInState} > on (state) ${stateLimit})`;

export function stateAges() {
  return minutesChart('Longest in one state', {
    shows:
      'How long the item that is longest in a state had been there at the last read. The dashed lines are the lowest limits of the states in which an item reached a quarter of it.',
    normal: 'starting and stopping take seconds to a minute; active as long as a session runs.',
    alerts: ['ItemStuck', 'NothingStarts'],
  })
    .legend(listLegend())
    .noValue('none seen')
    .withTarget(line('limit', inMinutes(nearStateLimit), '{{state}} limit'))
    .withTarget(line('age', inMinutes(`max by (state) (${stateAge})`), '{{state}}'))
    .overrideByQuery('age', [TENTHS])
    .overrideByName('starting', [fixedColour(LINE.lime)])
    .overrideByName('active', [fixedColour(LINE.green)])
    .overrideByName('stopping', [fixedColour(LINE.teal)])
    .overrideByQuery('limit', limitStyle(COLOUR.warning));
}
