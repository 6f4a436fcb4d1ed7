import { E, ofEnvironment, ofJob } from '../expressions/promql.ts';
import { chart, countChart, minutesChart, signedChart } from '../panels/charts.ts';
import { NARROW_LEGEND } from '../panels/legends.ts';
import { limitStyle } from '../panels/line-styles.ts';
import { COLOUR } from '../parts/colours.ts';
import { line } from '../parts/targets.ts';
import { COUNT, inMinutes } from '../parts/units.ts';

export const stretchFactor = () =>
  chart(
    'Stretch factor',
    {
      shows: 'How long the interval between reads is, in per cent of the configured one; dashed, where it warns.',
      normal: '100 %. More means that the request budget does not suffice.',
      alerts: ['CoverageReduced'],
    },
    'percent',
    500,
  )
    .legend(NARROW_LEGEND)
    .withTarget(
      line(
        'A',
        `100 * max by (${E}, operation) (${ofEnvironment('anthropic_work_poll_interval_seconds')})` +
          ` / on (${E}, operation) max by (${E}, operation) (${ofEnvironment('anthropic_work_poll_interval_configured_seconds')})`,
        '{{environment_name}} {{operation}}',
      ),
    )
    .withTarget(line('limit', 'vector(400)', 'warns from 400 %'))
    .overrideByQuery('limit', limitStyle(COLOUR.warning));

export const listReads = () =>
  countChart('Pages of a full list', {
    shows: 'Pages that the last read of the whole list took; a line named "truncated" means it was cut.',
    normal: 'steady. It grows with the history that the API keeps.',
    alerts: ['CoverageReduced'],
  })
    .legend(NARROW_LEGEND)
    .noValue('no full read seen')
    .withTarget(line('pages', `max by (${E}) (${ofEnvironment('anthropic_work_list_pages')})`, '{{environment_name}}'))
    .withTarget(
      line(
        'truncated',
        `max by (${E}) (${ofEnvironment('anthropic_work_list_pages')}) and on (${E}) (max by (${E}) (${ofEnvironment('anthropic_work_list_truncated')}) > 0)`,
        '{{environment_name}} truncated',
      ),
    )
    .overrideByQuery('truncated', limitStyle(COLOUR.warning));

export const mismatches = () =>
  signedChart(
    'Stats against list',
    {
      shows:
        'Waiting items in the stats minus queued items known from the list; differences that a race explains are left out.',
      normal: '0, or short peaks. A lasting difference means that one of the two reads is not to be trusted.',
      unwatched: 'neither number alone is wrong enough to wake someone',
    },
    COUNT,
    4,
  )
    .decimals(0)
    .legend(NARROW_LEGEND)
    .noValue('not known')
    .withTarget(
      line('A', `max by (${E}) (${ofEnvironment('anthropic_work_stats_list_mismatch_items')})`, '{{environment_name}}'),
    );

/** On the clock of the process that made the stamp. */
const sinceDiscovery =
  `clamp_min(min by (connection) (max by (job, instance) (${ofJob('anthropic_work_exporter_time_seconds')})` +
  ` - on (job, instance) group_right () ${ofJob('anthropic_work_discovery_last_success_timestamp_seconds')}), 0)`;

export const discovery = () =>
  minutesChart('Last discovery', {
    shows: 'How long ago environments were last discovered, per connection; dashed while it fails.',
    normal: 'up to the discovery interval, 5 min by default.',
    alerts: ['DiscoveryFailing', 'CoverageReduced'],
  })
    .legend(NARROW_LEGEND)
    .noValue('none seen')
    .withTarget(line('age', inMinutes(sinceDiscovery), '{{connection}}'))
    .withTarget(
      line(
        'failing',
        `${inMinutes(sinceDiscovery)} and on (connection) (max by (connection) (${ofJob('anthropic_work_discovery_up')}) == 0)`,
        '{{connection}} failing',
      ),
    )
    .overrideByQuery('failing', limitStyle(COLOUR.critical));
