import { COLOUR } from '../parts/colours.ts';
import { chart, limitStyle, signedChart } from '../parts/panels.ts';
import { E, ofEnvironment, ofJob } from '../parts/promql.ts';
import { line } from '../parts/targets.ts';

export const stretchFactor = () =>
  chart('Stretch factor of the poll interval', {
    shows: 'How many times longer than configured the interval between reads is; dashed, where it warns.',
    normal: '1. More means that the request budget does not suffice.',
    alerts: ['CoverageReduced'],
  })
    .unit('short')
    .withTarget(
      line(
        'A',
        `max by (${E}, operation) (${ofEnvironment('anthropic_work_poll_interval_seconds')})` +
          ` / on (${E}, operation) max by (${E}, operation) (${ofEnvironment('anthropic_work_poll_interval_configured_seconds')})`,
        '{{environment_name}} {{operation}}',
      ),
    )
    .withTarget(line('limit', 'vector(4)', 'warns from 4'))
    .overrideByQuery('limit', limitStyle(COLOUR.warning));

export const listReads = () =>
  chart('Pages of the last full list read', {
    shows: 'Pages that the last read of the whole list took; a line named "truncated" means it was cut.',
    normal: 'steady. It grows with what the API keeps of the past.',
    alerts: ['CoverageReduced'],
  })
    .unit('short')
    .noValue('no list is read')
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
  signedChart('Stats and list disagree', {
    shows: 'Waiting items that stats counts beyond the queued ones known from the list, races left out.',
    normal: '0, or short peaks. A lasting difference means that one of the two reads is not to be trusted.',
    unwatched: 'neither number alone is wrong enough to wake someone',
  })
    .unit('short')
    .noValue('no list is read')
    .withTarget(
      line('A', `max by (${E}) (${ofEnvironment('anthropic_work_stats_list_mismatch_items')})`, '{{environment_name}}'),
    );

export const discovery = () =>
  chart('Seconds since the last good discovery', {
    shows: 'Age of the last discovery of environments, per connection; dashed while it fails.',
    normal: 'up to the discovery interval, 5 min by default.',
    alerts: ['DiscoveryFailing', 'CoverageReduced'],
  })
    .unit('s')
    .noValue('none seen')
    .withTarget(
      line(
        'age',
        `time() - max by (connection) (${ofJob('anthropic_work_discovery_last_success_timestamp_seconds')})`,
        '{{connection}}',
      ),
    )
    .withTarget(
      line(
        'failing',
        `(time() - max by (connection) (${ofJob('anthropic_work_discovery_last_success_timestamp_seconds')}))` +
          ` and on (connection) (max by (connection) (${ofJob('anthropic_work_discovery_up')}) == 0)`,
        '{{connection}} failing',
      ),
    )
    .overrideByQuery('failing', limitStyle(COLOUR.critical));
