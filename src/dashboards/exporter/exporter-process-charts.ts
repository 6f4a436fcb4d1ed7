import { exporterOnly, ofExporterProcess, ofJob } from '../expressions/promql.ts';
import { chart, countChart, WHOLE_FROM } from '../panels/charts.ts';
import { NARROW_LEGEND } from '../panels/legends.ts';
import { texts } from '../parts/colours.ts';
import { line } from '../parts/targets.ts';
import { inMilliseconds, MILLISECONDS } from '../parts/units.ts';

type Axis = readonly [unit: string, upTo: number];

const perProcess = (title: string, text: Parameters<typeof chart>[1], [unit, upTo]: Axis, expression: string) =>
  chart(title, text, unit, upTo)
    .interval('1m')
    .legend(NARROW_LEGEND)
    .withTarget(line('A', exporterOnly(expression), '{{instance}}'));

export const eventLoop = () =>
  perProcess(
    'Event loop lag',
    {
      shows: '99th percentile of how late the process runs its timers.',
      normal: 'some hundredths of a second. Seconds make polls late and scrapes slow.',
      unwatched: 'late polls show up as old reads, which are watched',
    },
    [MILLISECONDS, WHOLE_FROM],
    inMilliseconds(ofExporterProcess('nodejs_eventloop_lag_p99_seconds')),
  );

/** The state file, if one is configured. */
export const stateFile = () =>
  countChart('State file written', {
    shows: 'Whether the last write of the state file succeeded.',
    normal: 'ok, or nothing where no state file is configured.',
    alerts: ['StateFileFailing'],
  })
    .axisSoftMax(1)
    .legend(NARROW_LEGEND)
    .max(1)
    .mappings([texts({ 0: ['failing'], 1: ['ok'] })])
    .noValue('none seen')
    .withTarget(line('A', `min by (job, instance) (${ofJob('anthropic_work_state_file_ok')})`, '{{instance}}'));
