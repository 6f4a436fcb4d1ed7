import { E, ofEnvironment, ofJob } from '../expressions/promql.ts';
import { chart, rateChart, signedChart, WHOLE_FROM } from '../panels/charts.ts';
import { limitStyle, TENTHS } from '../panels/line-styles.ts';
import { COLOUR } from '../parts/colours.ts';
import { line } from '../parts/targets.ts';
import { inMilliseconds, MILLISECONDS, PER_MINUTE, SECONDS } from '../parts/units.ts';

export const budget = () =>
  rateChart(
    'Requests a minute and budget',
    {
      shows: 'Requests each process sends per connection, everything included; dashed, what it may send.',
      normal: 'well under the dashed line. At it, reads are stretched and alerts come later.',
      alerts: ['CoverageReduced', 'RateLimited'],
    },
    PER_MINUTE,
  )
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
    .overrideByQuery('limit', limitStyle(COLOUR.warning));

export const failures = () =>
  rateChart('Failed requests an hour', {
    shows: 'Failed requests of each process, by operation and reason.',
    normal: 'no line above 0.',
    alerts: ['KeyRefused', 'RateLimited', 'ApiUnreachable', 'NoSuchEnvironment', 'ReplicaBlind'],
  })
    .noValue('none seen')
    .withTarget(
      line(
        'A',
        `(3600 * sum by (operation, reason, instance) (rate(${ofEnvironment('anthropic_work_api_request_failures_total')}[$__rate_interval]))) > 0`,
        '{{operation}} {{reason}} {{instance}}',
      ),
    );

const latency = (quantile: number) =>
  `histogram_quantile(${quantile}, max by (operation, le) (rate(${ofJob('anthropic_work_api_request_duration_seconds_bucket')}[$__rate_interval]))) >= 0`;

export const latencies = () =>
  chart(
    'API latency',
    {
      shows: 'Median and 99th percentile of the time to a complete answer, by operation.',
      normal: 'well under a second, and far from the timeout of 10 s.',
      unwatched: 'slow answers show up as timeouts and as old reads',
    },
    MILLISECONDS,
    1000,
  )
    .interval('1m')
    .noValue('none seen')
    .withTarget(line('p50', inMilliseconds(latency(0.5)), '{{operation}} p50'))
    .withTarget(line('p99', inMilliseconds(latency(0.99)), '{{operation}} p99'));

export const clockSkew = () =>
  signedChart(
    'Clock of the API against ours',
    {
      shows: "The API's clock minus the exporter's, per connection and process; ages are corrected by it.",
      normal: 'within a second. An info alert fires above 30 s on either side.',
      unwatched: 'ages are corrected by it',
    },
    SECONDS,
    WHOLE_FROM,
  )
    .axisSoftMin(-WHOLE_FROM)
    .noValue('unknown')
    .withTarget(line('ahead', 'vector(30)', 'warns above 30 s'))
    .withTarget(line('behind', 'vector(-30)', 'warns below -30 s'))
    .withTarget(
      line(
        'A',
        `max by (connection, instance) (${ofJob('anthropic_work_api_clock_skew_seconds')})`,
        '{{connection}} {{instance}}',
      ),
    )
    .overrideByQuery('A', [TENTHS])
    .overrideByQuery('ahead', limitStyle(COLOUR.warning))
    .overrideByQuery('behind', limitStyle(COLOUR.warning));

export const drift = () =>
  rateChart('Unknown values in answers, an hour', {
    shows:
      'Values of the API this version does not know, waits that could not be measured, durations that came out negative.',
    normal: 'nothing. Unknown values ask for a newer version of the exporter.',
    unwatched: 'it asks for an update, not for somebody at night',
  })
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
