import { type MakeAlert, WHO } from './alert.ts';
import { by, CONNECTION, ENVIRONMENT, type Queries, unless } from './queries.ts';
import type { Rule } from './rule.ts';

/** The exporter as a service: there, whole, and of one mind. Bare `up` is Prometheus' own verdict on a scrape. */
export function exporterRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const up = q.foreign('up');
  const shards = by('count', 'job, shard', q.last('anthropic_work_exporter_shard_info'));
  const reload = q.over('max', 'anthropic_work_exporter_config_last_reload_successful', '5m');
  const hash = q.last('anthropic_work_exporter_config_hash');
  const ageThreshold = q.last('anthropic_work_threshold_queue_age_seconds');
  const bySeverity = `${ENVIRONMENT}, severity`;
  const criticalAge = by(
    'min',
    ENVIRONMENT,
    q.last('anthropic_work_threshold_queue_age_seconds', { severity: 'critical' }),
  );
  return [
    alert('AnthropicWorkExporterAbsent', 'critical', {
      expr: `absent(${up} == 1)`,
      for: '5m',
      labels: { job: q.job },
      description: 'Prometheus has no healthy work-queue exporter target: every other work-queue alert is blind.',
    }),
    alert('AnthropicWorkExporterInstanceDown', 'warning', {
      expr: `avg_over_time(${q.range(up, '10m')}) < 0.5`,
      for: '10m',
      description:
        'Instance {{ $labels.instance }} has been up for {{ $value | humanizePercentage }} of the last 10 minutes.',
    }),
    alert('AnthropicWorkExporterShardMissing', 'critical', {
      expr: `${by('count', 'job', shards)}\n< on (job) ${by('max', 'job', q.last('anthropic_work_exporter_shards'))}`,
      for: '3m',
      keep: '5m',
      description: 'Only {{ $value }} shards report: the environments of the others have no series and no alerts.',
    }),
    alert('AnthropicWorkExporterRestarting', 'warning', {
      expr: `changes(${q.range(q.foreign('process_start_time_seconds'), '30m')}) > 3`,
      for: '5m',
      description: 'Instance {{ $labels.instance }} restarted {{ $value }} times in 30 minutes.',
    }),
    alert('AnthropicWorkExporterConfigReloadFailed', 'warning', {
      expr: `${reload} == 0`,
      for: '10m',
      description: 'The last configuration reload of instance {{ $labels.instance }} failed.',
    }),
    alert('AnthropicWorkConfigDisagrees', 'warning', {
      expr: `${by('max', 'job', hash)}\n!= on (job) ${by('min', 'job', hash)}`,
      for: '15m',
      description: 'Instances of job {{ $labels.job }} run different configurations.',
    }),
    alert('AnthropicWorkThresholdsMissing', 'warning', {
      expr: unless(by('max', ENVIRONMENT, q.last('anthropic_work_environment_info')), criticalAge),
      for: '10m',
      description: `Environment ${WHO} exports no critical queue-age threshold, so it cannot page. Export +Inf to turn an alert off.`,
    }),
    alert('AnthropicWorkThresholdsDisagree', 'warning', {
      // Counted, because two rows that differ only in `severity` would become one alert twice, which is an error.
      expr: by(
        'count',
        ENVIRONMENT,
        `\n  ${by('max', bySeverity, ageThreshold)}\n  != on (${bySeverity}) ${by('min', bySeverity, ageThreshold)}\n`,
      ),
      for: '15m',
      description: `Replicas disagree about {{ $value }} queue-age thresholds of environment ${WHO}.`,
    }),
    alert('AnthropicWorkStateFileFailing', 'warning', {
      expr: `${q.over('max', 'anthropic_work_state_file_ok', '5m')} == 0`,
      for: '10m',
      description: 'Instance {{ $labels.instance }} cannot write its state file: a restart would lose its counts.',
    }),
    alert('AnthropicWorkWatchdog', 'none', {
      // Proves exporter, Prometheus and Alertmanager only: an API outage has its own page.
      expr: `${by('max', 'job', `max_over_time(${q.range(up, '2m')})`)} == 1`,
      description: 'Route to an external dead-man switch; silence means blindness.',
    }),
  ];
}

/** The exporter as a client of the API: its pace, its clock, and what it does not understand. */
export function apiRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const perRead = `${ENVIRONMENT}, operation`;
  const rate = (selector: string) => by('sum', 'job', `rate(${q.range(selector, '10m')})`);
  const limited = rate(q.metric('anthropic_work_api_request_failures_total', { reason: 'rate_limited' }));
  const sent = rate(q.metric('anthropic_work_api_requests_total'));
  const interval = by('max', perRead, q.last('anthropic_work_poll_interval_seconds'));
  const configured = by('max', perRead, q.last('anthropic_work_poll_interval_configured_seconds'));
  const unknown = by('sum', 'job, kind', q.increase('anthropic_work_api_unknown_values_total', '1h'));
  return [
    alert('AnthropicWorkApiRateLimited', 'warning', {
      expr: `${limited}\n/ on (job) ${sent}\n> 0.05`,
      for: '10m',
      description:
        '{{ $value | humanizePercentage }} of the requests were rate-limited in 10 minutes; the limit is shared with production.',
    }),
    alert('AnthropicWorkPollIntervalStretched', 'warning', {
      expr: by('count', 'job', `\n  ${interval}\n  >= on (${perRead}) (4 * ${configured})\n`),
      for: '30m',
      description: '{{ $value }} reads run at a quarter of the configured cadence or less: alerts are late.',
    }),
    alert('AnthropicWorkClockSkew', 'warning', {
      expr: `${by('max', CONNECTION, `abs(${q.last('anthropic_work_api_clock_skew_seconds')})`)} > ${q.seconds(30)}`,
      for: '15m',
      description:
        'The clocks differ by {{ $value | humanizeDuration }} on connection {{ $labels.connection }}: ages are off where they cannot be corrected.',
    }),
    alert('AnthropicWorkDiscoveryFailing', 'warning', {
      expr: `${by('max', CONNECTION, q.over('max', 'anthropic_work_discovery_up', '15m'))} == 0`,
      for: '15m',
      description: 'Discovery on connection {{ $labels.connection }} fails: new environments are not watched.',
    }),
    alert('AnthropicWorkEnvironmentsDropped', 'warning', {
      expr: `${by('max', 'job', q.last('anthropic_work_exporter_environments', { status: 'dropped' }))} > 0`,
      for: '15m',
      description: '{{ $value }} environments are over the limit and have no alerts.',
    }),
    alert('AnthropicWorkApiDrift', 'info', {
      expr: `${unknown} > 0`,
      for: '5m',
      description: 'The API sends {{ $labels.kind }} values that this version does not know: look for a newer one.',
    }),
  ];
}
