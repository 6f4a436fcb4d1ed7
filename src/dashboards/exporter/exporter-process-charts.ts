import { chart, rateChart } from '../parts/panels.ts';
import { exporterOnly, ofExporterProcess, ofJob } from '../parts/promql.ts';
import { line } from '../parts/targets.ts';

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
