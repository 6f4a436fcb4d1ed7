import { sinceStamp } from '../expressions/ages.ts';
import { alertsOf, ofEnvironment, ratePerEnvironment } from '../expressions/promql.ts';
import { status } from '../expressions/queue-expressions.ts';
import { minutesChart, perHour, rateChart, timeline } from '../panels/charts.ts';
import { listLegend } from '../panels/legends.ts';
import { limitStyle, TENTHS } from '../panels/line-styles.ts';
import { LINE } from '../panels/name-colours.ts';
import { ALERT_PREFIX } from '../panels/panel-text.ts';
import { COLOUR, STATUS_TEXTS, texts } from '../parts/colours.ts';
import { line } from '../parts/targets.ts';
import { inMinutes } from '../parts/units.ts';

const ALERT_LABELS = 'alertname, environment_name';
const alertsIn = (state: string, severity: string) =>
  `max by (${ALERT_LABELS}) (${alertsOf(`severity="${severity}", alertstate="${state}"`, true)})`;
/** Firing counts more than pending, and each alert counts by its worst severity. */
const alertStates = [
  `(3 * ${alertsIn('firing', 'critical')})`,
  `(2 * ${alertsIn('firing', 'warning')})`,
  alertsIn('firing', 'info'),
  `(0 * ${alertsIn('pending', 'critical')})`,
].join(' or ');

export function alerts() {
  return timeline('Alerts', {
    shows:
      'Firing alerts by severity, those of the shown environments and those that concern all; critical ones also while they are pending.',
    normal: 'no row.',
    unwatched: 'it shows the alerts themselves',
  })
    .mappings([
      texts({
        0: ['pending', LINE.yellow],
        1: ['info', LINE.grey],
        2: ['warning', COLOUR.warning],
        3: ['critical', COLOUR.critical],
      }),
    ])
    .noValue('none seen')
    .withTarget(
      line(
        'A',
        `label_replace(${alertStates}, "alert", "$1", "alertname", "${ALERT_PREFIX}(.+)")`,
        '{{environment_name}} {{alert}}',
      ),
    );
}

export function statuses() {
  return timeline('Status over time', {
    shows:
      'The status of each shown environment, the first that applies: not visible, no workers, critical, warning, ok, empty.',
    normal: 'ok and empty. "not visible" says nothing about the work, only that it cannot be seen.',
    alerts: ['OldestItemTooOld', 'NoWorkers', 'NotReadable'],
  })
    .mappings([STATUS_TEXTS])
    .noValue('no data: no environments, or no exporter')
    .withTarget(line('A', status, '{{environment_name}}'));
}

export function failures() {
  return rateChart('Failed reads an hour', {
    shows: 'Requests for the shown environments that failed, added up, by operation and reason.',
    normal: 'no line above 0. A short network error is retried and does no harm.',
    alerts: ['NotReadable', 'CoverageReduced', 'KeyRefused', 'NoSuchEnvironment'],
  })
    .legend(listLegend())
    .noValue('none seen')
    .withTarget(
      line(
        'A',
        `(${perHour(`sum by (operation, reason) (${ratePerEnvironment('anthropic_work_api_request_failures_total', '', 'operation', 'reason')})`)}) > 0`,
        '{{operation}} {{reason}}',
      ),
    );
}

export function reads() {
  return minutesChart('Since the last good read', {
    shows:
      'How old the numbers on this board are, per operation, where they are oldest; dashed, the longest interval the reads are scheduled at.',
    normal:
      'about the interval. After some intervals without a good read the numbers disappear instead of growing stale.',
    alerts: ['NotReadable', 'CoverageReduced'],
  })
    .legend(listLegend())
    .withTarget(
      line(
        'interval',
        inMinutes(`max by (operation) (${ofEnvironment('anthropic_work_poll_interval_seconds')})`),
        '{{operation}} interval',
      ),
    )
    .withTarget(
      line(
        'A',
        inMinutes(
          `max by (operation) (${sinceStamp('anthropic_work_last_success_timestamp_seconds', '', 'operation')})`,
        ),
        '{{operation}}',
      ),
    )
    .overrideByQuery('A', [TENTHS])
    .overrideByQuery('interval', limitStyle(COLOUR.quiet));
}

export function fullReads() {
  return minutesChart('Since the last full read', {
    shows: 'How long ago the list of items was read to its end, for each of the shown environments.',
    normal: 'a sawtooth of some minutes. A line that only climbs is a list that is never read whole.',
    alerts: ['CoverageReduced'],
  })
    .noValue('no full read seen')
    .withTarget(
      line('A', inMinutes(sinceStamp('anthropic_work_list_last_full_read_timestamp_seconds')), '{{environment_name}}'),
    );
}
