import type { MakeAlert } from '../parts/alert.ts';
import { counted } from '../parts/annotation.ts';
import { because, by, or, type Queries, TARGET } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';
import { returnedFor } from '../series/returned-pages.ts';

/** The exporter as a service: present, complete and consistent. Bare `up` is Prometheus' own verdict on a scrape. */
export function exporterRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const up = q.uncatalogued('up');
  const reload = q.over('max', 'anthropic_work_exporter_config_last_reload_successful', '5m');
  const hash = q.last('anthropic_work_exporter_config_hash');
  const shards = q.last('anthropic_work_exporter_shards');
  const differs = (value: string) => `${by('max', 'job', value)}\n!= on (job) ${by('min', 'job', value)}`;
  const absentPage = by('group', 'job', q.firing('AnthropicWorkExporterAbsent'));
  // One lost scrape does not start it over.
  const steady = `(avg_over_time(${q.range(up, '3m')}) > 0.75)`;
  // It takes three minutes to see that somebody watches.
  const watchedWithoutBreak = `(count_over_time(${q.range(q.recorded(RECORDED.exporterWatches), '5m')}) >= 5)`;
  const comesAndGoes = `${returnedFor(q, ['AnthropicWorkExporterAbsent'], 'job')} unless on (job) ${watchedWithoutBreak}`;
  const timeStands = `(${by('max', 'job', q.changes('anthropic_work_exporter_time_seconds', '5m'))} == 0)`;
  const exporterAbsent = q.recorded(RECORDED.exporterAbsent);
  // A label that Prometheus gives all targets would replace the external one of that name, by which Alertmanager matches.
  const perTarget = (expr: string) => by('max', TARGET, expr);
  return [
    // Only the absence of a bare series has the label `job`.
    { record: RECORDED.exporterScraped, expr: by('group', 'job', `${up} == 1`) },
    {
      record: RECORDED.exporterAbsent,
      expr: [
        `absent(${q.recorded(RECORDED.exporterScraped)})`,
        `(${because('One in a crash loop is as good as none.', `${by('max', 'job', `avg_over_time(${q.range(up, '10m')})`)} < 0.5`)})`,
        `(${because('An answer whose time stands still comes from a cache or from a process that hangs.', timeStands)})`,
        `(${because('The page ends when one has been up for a while.', `${absentPage} unless on (job) ${steady}`)})`,
        `(${because('If the page has returned, one must have been up for longer.', comesAndGoes)})`,
      ].join('\nor on () '),
    },
    alert('AnthropicWorkExporterAbsent', 'critical', {
      // For five minutes of the last seven: a `for` of five would begin anew with a Prometheus that restarts, and
      // Alertmanager would resolve the page meanwhile, and then send it again.
      expr: `${exporterAbsent}\nand on (job) (count_over_time(${q.range(exporterAbsent, '7m')}) >= 11)`,
      labels: { job: q.job },
      summary: 'No exporter watches the work queues: none of their alerts can fire',
      description:
        'Prometheus has had no healthy target of this job for five minutes, or it was down for most of ten. Either the exporter or the network between is down: start it, or find out why it crashes. The runbooks that it serves are gone with it: read them in alerts/runbooks of its source.',
    }),
    alert('AnthropicWorkExporterInstanceDown', 'warning', {
      // The page about all of them has said it, and this average remembers longer.
      expr: `${perTarget(`avg_over_time(${q.range(up, '10m')})`)} < 0.5\nunless on (job) ${q.paged(['AnthropicWorkExporterAbsent'], '10m')}`,
      for: '10m',
      summary: 'Exporter {{ $labels.instance }} is down',
      description:
        'This instance of the exporter has been up for {{ $value | printf `%.2g` | humanizePercentage }} of the last 10 minutes. Start it, or find out why it crashes.',
    }),
    alert('AnthropicWorkExporterRestarting', 'warning', {
      expr: `${perTarget(`changes(${q.range(q.uncatalogued('process_start_time_seconds'), '30m')})`)} > 3`,
      for: '5m',
      summary: `Exporter {{ $labels.instance }} restarted ${counted('time')} in 30 minutes`,
      description:
        'This instance of the exporter keeps restarting. Read the end of its log: memory, probes, configuration.',
    }),
    alert('AnthropicWorkExporterConfigReloadFailed', 'warning', {
      expr: `${perTarget(reload)} == 0`,
      for: '10m',
      summary: 'Exporter {{ $labels.instance }} runs an old configuration',
      description:
        'The last reload of this instance failed, and the previous configuration is still in force. Find what is wrong in its log, and correct it.',
    }),
    alert('AnthropicWorkConfigDisagrees', 'warning', {
      expr: or(differs(hash), differs(shards)),
      for: '15m',
      summary: 'Exporter instances of job {{ $labels.job }} run different configurations',
      description:
        'The processes of this job were given different configurations. Where their thresholds differ, alerts use the stricter numbers; where the number of shards differs, some environments are watched twice and others not at all. Roll out one configuration to all.',
    }),
    alert('AnthropicWorkStateFileFailing', 'warning', {
      expr: `${perTarget(q.over('max', 'anthropic_work_state_file_ok', '5m'))} == 0`,
      for: '10m',
      summary: 'Exporter {{ $labels.instance }} cannot write its state file',
      description:
        'A restart of this instance would lose what it has counted. Check the disk and the permissions of its folder.',
    }),
    alert('AnthropicWorkWatchdog', 'none', {
      // Proves Prometheus and Alertmanager only: a dead exporter and an outage of the API have their own pages.
      expr: 'vector(1)',
      labels: { job: q.job },
      summary: 'Prometheus and Alertmanager work',
      description:
        'Always fires while Alertmanager receives alerts. Route it to something outside that complains when it hears nothing.',
    }),
  ];
}
