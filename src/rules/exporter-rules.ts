import { type AlertingRule, annotations, type RuleOptions } from './rule.ts';

type Row = Omit<AlertingRule, 'alert' | 'labels' | 'annotations'> & {
  /** One sentence without values, for the index of the runbooks. */
  readonly meaning: string;
  readonly severity: AlertingRule['labels']['severity'];
  readonly summary: string;
  readonly description: string;
  /** For an expression whose result has no labels of a target. */
  readonly hasNoTarget?: true;
  /** It reads every environment and is in no hurry. */
  readonly isSlow?: true;
};

/** The exporter as a service, which it cannot judge itself: what only Prometheus knows. `{OWN}`: of its own job. */
export const EXPORTER_ALERTS = {
  AnthropicWorkExporterAbsent: {
    meaning: 'No exporter answers, or it crashes again and again.',
    comment: 'Its clock has not moved for two minutes, whatever the reason; or it was away for most of ten.',
    expr: 'absent(changes(anthropic_work_exporter_time_seconds{OWN}[2m]) > 0) or max(avg_over_time(up{OWN}[10m])) < 0.5',
    for: '3m',
    severity: 'critical',
    hasNoTarget: true,
    starter: true,
    summary: 'No exporter watches the work queues: no alert about them can begin',
    description:
      'No target of this job has answered for five minutes, or it crashes again and again. Start the exporter, or find out why it does not stay up. The runbooks that it serves are away with it: read them in alerts/runbooks of its source.',
  },
  AnthropicWorkExporterShardMissing: {
    meaning: 'Part of the fleet is watched by no process.',
    comment: 'Fewer different shards than each process says that there are.',
    expr: 'max by (job) (last_over_time(anthropic_work_exporter_shards[2m])) - count by (job) (group by (job, shard) (last_over_time(anthropic_work_exporter_shard_info[2m]))) > 0',
    for: '1m',
    keep_firing_for: '5m',
    severity: 'critical',
    summary: '{{ $value }} of the exporter’s shards missing: nobody watches part of the fleet',
    description:
      'The environments of that part look as if they did not exist: no series, no alerts. Start the missing process, or set the number of shards to those that run.',
  },
  AnthropicWorkExporterInstanceDown: {
    meaning: 'An exporter instance is down, or restarts again and again.',
    comment: 'Down for most of ten minutes, or started more than three times in thirty.',
    expr: 'avg_over_time(up{OWN}[10m]) < 0.5 or changes(process_start_time_seconds{OWN}[30m]) > 3',
    for: '5m',
    severity: 'warning',
    summary: 'Exporter {{ $labels.instance }} is down, or does not stay up',
    description: 'Start it, or read the end of its log: memory, probes, configuration.',
  },
  AnthropicWorkExporterConfigReloadFailed: {
    meaning: 'An exporter instance runs an old configuration.',
    comment: 'The configuration in its file was not taken; the one before it is still in force.',
    expr: 'max_over_time(anthropic_work_exporter_config_last_reload_successful{OWN}[5m]) == 0',
    for: '10m',
    severity: 'warning',
    summary: 'Exporter {{ $labels.instance }} runs an old configuration',
    description: 'Its log says what is wrong in the new one. Correct it; it is read again by itself or by SIGHUP.',
  },
  AnthropicWorkConfigDisagrees: {
    meaning: 'Exporter instances run different configurations.',
    comment: 'More than two numbers where all processes have one hash and one number of shards.',
    expr: 'count by (job) (count_values by (job) ("number", last_over_time({__name__=~"anthropic_work_exporter_(config_hash|shards)"}[2m]))) > 2',
    for: '15m',
    severity: 'warning',
    summary: 'Exporter instances of job {{ $labels.job }} run different configurations',
    description:
      'They judge by different limits; with different numbers of shards, some environments are watched twice and others not at all. Roll out one configuration to all.',
  },
  AnthropicWorkStateFileFailing: {
    meaning: 'An exporter instance cannot write its state file.',
    comment: 'The last write of the state file failed.',
    expr: 'max_over_time(anthropic_work_state_file_ok{OWN}[5m]) == 0',
    for: '10m',
    severity: 'warning',
    summary: 'Exporter {{ $labels.instance }} cannot write its state file',
    description:
      'A restart would lose what it has counted and judged. Check the disk and the permissions of its folder.',
  },
  AnthropicWorkReplicaBlind: {
    meaning: 'An exporter instance cannot read what another one can.',
    comment: 'Environments of which another replica has read the queue, and this one has not for ten minutes.',
    expr: 'count by (job, instance) (max_over_time(anthropic_work_up{operation="stats"}[10m]) < on (job, environment_id) group_left () max by (job, environment_id) (anthropic_work_up{operation="stats"}))',
    isSlow: true,
    for: '4m',
    severity: 'warning',
    summary: 'Exporter {{ $labels.instance }} cannot read {{ $value }} of the environments that another replica reads',
    description:
      'The cause is this instance, its network or its keys; the other replica still watches everything. Read its log.',
  },
  AnthropicWorkWatchdog: {
    meaning: 'Fires always, while Prometheus and Alertmanager work.',
    comment: 'A dead man’s switch: whoever receives it complains when it does not come.',
    expr: 'vector(1)',
    severity: 'none',
    hasNoTarget: true,
    starter: true,
    summary: 'Prometheus and Alertmanager work',
    description:
      'Fires always. Route it to something outside that complains when it hears nothing; a dead exporter has a page of its own.',
  },
} as const satisfies Readonly<Record<string, Row>>;

/** @param isSlow those that are in no hurry, or the others */
export function exporterAlerts(options: RuleOptions, isSlow: boolean): readonly AlertingRule[] {
  const rows: readonly (readonly [string, Row])[] = Object.entries(EXPORTER_ALERTS);
  // JSON's escapes are a subset of those in PromQL's double quotes.
  const own = `{job=${JSON.stringify(options.job)}}`;
  return rows
    .filter(([, row]) => (row.isSlow ?? false) === isSlow)
    .map(([alert, { meaning: _, isSlow: __, severity, hasNoTarget, expr, summary, description, ...row }]) => ({
      alert,
      expr: expr.replaceAll('{OWN}', () => own),
      ...row,
      labels: { severity, ...(hasNoTarget && { job: options.job }) },
      annotations: annotations(alert, { summary, description }, { board: 'exporter' }, options),
    }));
}
