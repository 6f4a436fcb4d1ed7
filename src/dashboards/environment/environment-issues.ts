import { COLOUR, STATUS_TEXTS, steps, texts } from '../parts/colours.ts';
import { ALERT_PREFIX } from '../parts/panel-text.ts';
import { chart, limitStyle, rateChart, timeline } from '../parts/panels.ts';
import { E, ofEnvironment, ratePerEnvironment } from '../parts/promql.ts';
import { status } from '../parts/queue-expressions.ts';
import { line } from '../parts/targets.ts';

const NAME = '{{environment_name}}';

export function alerts() {
  return timeline('Alerts', {
    shows:
      'Firing alerts of the chosen environments and of all of them together, critical ones also while they are pending.',
    normal: 'no row.',
    unwatched: 'it shows the alerts themselves',
  })
    .mappings([texts({ 1: ['pending', COLOUR.warning], 2: ['firing', COLOUR.critical] })])
    .noValue('none seen')
    .withTarget(line('A', alertStates, '{{environment_name}} {{alert}} {{severity}}'));
}

const alertsIn = (state: string, severity: string) =>
  `max by (alertname, severity, environment_name) (ALERTS{job=~"$job", environment_id=~"$environment|", ` +
  `alertname=~"AnthropicWork.+", severity=~"${severity}", alertstate="${state}"})`;
const alertStates =
  `label_replace((2 * ${alertsIn('firing', 'critical|warning|info')}) or ${alertsIn('pending', 'critical')}, ` +
  `"alert", "$1", "alertname", "${ALERT_PREFIX}(.+)")`;

export function statuses() {
  return timeline('Status', {
    shows:
      'The status of each chosen environment, worst first wins: not visible, no workers, critical, warning, ok, empty.',
    normal: 'ok and empty. "not visible" says nothing about the work, only that it cannot be seen.',
    alerts: ['OldestItemTooOld', 'NoWorkers', 'EnvironmentNotVisible'],
  })
    .mappings([STATUS_TEXTS])
    .noValue('no data: the exporter is not scraped')
    .withTarget(line('A', status, NAME));
}

export function failures() {
  return rateChart('Failed reads a minute, by reason', {
    shows: 'Requests for these environments that failed, per operation and reason.',
    normal: 'no line above 0. A short network error is retried and does no harm.',
    alerts: ['EnvironmentNotVisible', 'ItemsNotVisible', 'ApiAuthFailing', 'EnvironmentMisconfigured'],
  })
    .unit('short')
    .noValue('none seen')
    .withTarget(
      line(
        'A',
        `(60 * ${ratePerEnvironment('anthropic_work_api_request_failures_total', '', 'operation', 'reason')}) > 0`,
        `${NAME} {{operation}} {{reason}}`,
      ),
    );
}

export function reads() {
  return chart('Time since the last good read', {
    shows: 'How old the numbers on this board are, per operation; dashed, the interval the reads are scheduled at.',
    normal:
      'about the interval. After some intervals without a good read the numbers disappear instead of growing stale.',
    alerts: ['EnvironmentNotVisible', 'ItemsNotVisible'],
  })
    .unit('dthms')
    .thresholds(steps(COLOUR.good))
    .withTarget(
      line(
        'age',
        `time() - max by (${E}, operation) (${ofEnvironment('anthropic_work_last_success_timestamp_seconds')})`,
        `${NAME} {{operation}}`,
      ),
    )
    .withTarget(
      line(
        'interval',
        `max by (${E}, operation) (${ofEnvironment('anthropic_work_poll_interval_seconds')})`,
        `${NAME} {{operation}} interval`,
      ),
    )
    .overrideByQuery('interval', limitStyle(COLOUR.idle));
}
