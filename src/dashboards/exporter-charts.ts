import { COLOUR } from './colours.ts';
import { chart, limitStyle, rateChart, signedChart } from './panels.ts';
import { E, exporterOnly, ofEnvironment, ofExporterProcess, ofJob } from './promql.ts';
import { line } from './targets.ts';

export const budget = () =>
  rateChart('Requests a minute, against the budget', {
    shows: 'Requests each process sends per connection, everything included; dashed, what it may send.',
    normal: 'well under the dashed line. At it, reads are stretched and alerts come later.',
    alerts: ['PollIntervalStretched', 'ApiRateLimited'],
  })
    .unit('short')
    .withTarget(
      line(
        'sent',
        `60 * sum by (connection, instance) (rate(${ofJob('anthropic_work_api_budget_requests_total')}[$__rate_interval]))`,
        '{{connection}} {{instance}}',
      ),
    )
    .withTarget(
      line(
        'limit',
        `max by (connection) (${ofJob('anthropic_work_api_budget_limit_requests_per_minute')})`,
        '{{connection}} budget of one process',
      ),
    )
    .overrideByQuery('limit', limitStyle(COLOUR.critical));

export const failures = () =>
  rateChart('Failed requests a minute, by reason', {
    shows: 'Failed requests of each process, by operation and reason.',
    normal: 'no line above 0.',
    alerts: ['ApiAuthFailing', 'ApiRateLimited', 'ApiUnreachable', 'EnvironmentMisconfigured', 'ReplicaBlind'],
  })
    .unit('short')
    .noValue('none seen')
    .withTarget(
      line(
        'A',
        `(60 * sum by (operation, reason, instance) (rate(${ofEnvironment('anthropic_work_api_request_failures_total')}[$__rate_interval]))) > 0`,
        '{{operation}} {{reason}} {{instance}}',
      ),
    );

const latency = (quantile: number) =>
  `histogram_quantile(${quantile}, max by (operation, le) (rate(${ofJob('anthropic_work_api_request_duration_seconds_bucket')}[$__rate_interval]))) >= 0`;

export const latencies = () =>
  rateChart('API latency', {
    shows: 'Median and 99th percentile of the time to a complete answer, by operation.',
    normal: 'well under a second, and far from the timeout of 10 s.',
    unwatched: 'slow answers show up as timeouts and as old reads',
  })
    .unit('s')
    .noValue('none seen')
    .withTarget(line('p50', latency(0.5), '{{operation}} p50'))
    .withTarget(line('p99', latency(0.99), '{{operation}} p99'));

export const stretch = () =>
  chart('Stretch of the poll interval', {
    shows: 'How many times longer than configured the interval between reads is; dashed, where it warns.',
    normal: '1. More means that the request budget does not suffice.',
    alerts: ['PollIntervalStretched'],
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
    alerts: ['ItemListTruncated'],
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

export const clockSkew = () =>
  signedChart('Clock of the API against ours', {
    shows: "The API's clock minus the exporter's, per connection and process; ages are corrected by it.",
    normal: 'within a second. From 30 s on either side it warns.',
    alerts: ['ClockSkew'],
  })
    .unit('s')
    .noValue('unknown')
    .withTarget(
      line(
        'A',
        `max by (connection, instance) (${ofJob('anthropic_work_api_clock_skew_seconds')})`,
        '{{connection}} {{instance}}',
      ),
    );

export const drift = () =>
  rateChart('Surprises in answers, an hour', {
    shows:
      'Values of the API this version does not know, waits that could not be measured, durations that came out negative.',
    normal: 'nothing. Unknown values ask for a newer version of the exporter.',
    alerts: ['ApiDrift'],
  })
    .unit('short')
    .noValue('none seen')
    .withTarget(
      line(
        'unknown',
        `max by (kind) (increase(${ofJob('anthropic_work_api_unknown_values_total')}[1h])) > 0`,
        'unknown {{kind}}',
      ),
    )
    .withTarget(
      line(
        'negative',
        `max(increase(${ofJob('anthropic_work_clamped_negative_durations_total')}[1h])) > 0`,
        'negative duration',
      ),
    )
    .withTarget(
      line(
        'unmeasured',
        `sum(max by (${E}) (increase(${ofEnvironment('anthropic_work_queue_wait_unknown_total')}[1h]))) > 0`,
        'wait not measurable',
      ),
    );

export const discovery = () =>
  chart('Seconds since the last good discovery', {
    shows: 'Age of the last discovery of environments, per connection; dashed while it fails.',
    normal: 'up to the discovery interval, 5 min by default.',
    alerts: ['DiscoveryFailing', 'EnvironmentsDropped'],
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

const perProcess = (title: string, text: Parameters<typeof chart>[1], unit: string, expression: string) =>
  rateChart(title, text)
    .unit(unit)
    .withTarget(line('A', exporterOnly(expression), '{{instance}}'));

export const cpu = () =>
  perProcess(
    'CPU',
    {
      shows: 'CPU seconds a second of each process.',
      normal: 'a few hundredths of a core for some dozen environments.',
      unwatched: 'your platform watches resources',
    },
    'short',
    `rate(${ofExporterProcess('process_cpu_seconds_total')}[$__rate_interval])`,
  );

export const memory = () =>
  perProcess(
    'Memory',
    {
      shows: 'Resident memory of each process.',
      normal: 'flat after the first minutes.',
      unwatched: 'your platform watches resources',
    },
    'bytes',
    ofExporterProcess('process_resident_memory_bytes'),
  );

export const eventLoop = () =>
  perProcess(
    'Event loop lag, p99',
    {
      shows: '99th percentile of how late the process runs its timers.',
      normal: 'some hundredths of a second. Seconds make polls late and scrapes slow.',
      unwatched: 'late polls show up as old reads, which are watched',
    },
    's',
    ofExporterProcess('nodejs_eventloop_lag_p99_seconds'),
  );

/** The state file, where one is configured. */
export const stateFile = () =>
  chart('State file written', {
    shows: '1 while the last write of the state file succeeded.',
    normal: '1, or nothing where no state file is configured.',
    alerts: ['StateFileFailing'],
  })
    .unit('short')
    .max(1)
    .noValue('none seen')
    .withTarget(line('A', `min by (job, instance) (${ofJob('anthropic_work_state_file_ok')})`, '{{instance}}'));
