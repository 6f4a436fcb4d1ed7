/** An edit that no input can tell from the original, or none that occurs; `edit` as the script prints it. */
export interface EquivalentMutant {
  readonly rule: string;
  readonly edit: string;
  readonly reason: string;
}

/** Nothing of an evaluation is missing in a play, which is what the window is for. */
const BRIDGES = 'The window bridges evaluations that Prometheus misses: the ticket needs longer than it to come again.';

export const EQUIVALENT_MUTANTS: readonly EquivalentMutant[] = [
  ...(
    [
      [
        '> → >= (> 0) and on (E, instance) (last_ov)',
        'A counter of 0 adds nothing to a sum; at most the number in the text of the page changes.',
      ],
      [
        'max → min (max by (job, instance) (last_over_time(anthropic_work_exporter_time_se)',
        'A process has one series of its time.',
      ],
      [
        '> → >= (> on (job, instance) group_left () (max by (job, instance) (last_over_)',
        'Nobody can tell a quarter of an hour from one and a millisecond.',
      ],
      [
        '900 → 450 (900))))',
        'Seven and a half minutes after the start, the API has been asked again, and `increase` sees that.',
      ],
    ] as const
  ).map(([edit, reason]) => ({
    rule: 'environment_operation:anthropic_work_limited_since_start:info',
    edit,
    reason,
  })),
  ...(
    [
      ['EnvironmentNotVisible', '2m'],
      ['DiscoveryFailing', '4m'],
    ] as const
  ).flatMap(([alert, before]) =>
    ['32500ms', '130000ms'].map((window) => ({
      rule: `AnthropicWork${alert} critical`,
      edit: `1m5s → ${window} (1m5s] offset ${before})) or (ALERTS{J, alertname=)`,
      reason: 'The window bridges a look that Prometheus misses, and none is missing in a play.',
    })),
  ),
  ...(
    [
      ['AnthropicWorkEnvironmentNotVisible critical', '5m'],
      ['AnthropicWorkEnvironmentNotVisible critical', '8m'],
      ['AnthropicWorkApiAuthFailing critical', '5m'],
    ] as const
  ).flatMap(([rule, before]) =>
    ['32500ms', '130000ms'].map((window) => ({
      rule,
      edit: `1m5s → ${window} (1m5s] offset ${before}))) unless on (E) ()`,
      reason: 'The window bridges a look that Prometheus misses, and none is missing in a play.',
    })),
  ),
  ...[
    'alertname="AnthropicWorkApiAuthFailing" → alertname!="AnthropicWorkApiAuthFailing" (alertname="AnthropicWorkApiAuthFailing", severity="critical", alertsta)',
    'severity="critical" → severity!="critical" (severity="critical", alertstate="firing"} unless on (job, environment_)',
  ].map((edit) => ({
    rule: 'AnthropicWorkApiAuthFailing critical',
    edit,
    reason: 'Without it the page is kept for three minutes, and by then its environment has been unread for long.',
  })),
  {
    rule: 'AnthropicWorkApiRateLimited warning',
    edit: '> → >= (> 0 unless on (E) last_over_time(e)',
    reason: 'Adds nothing to a sum.',
  },
  {
    rule: 'AnthropicWorkApiRateLimited warning',
    edit: '10m5s → 1210000ms (10m5s])) * on (E) group_left () su)',
    reason: 'The rates remember no longer.',
  },
  {
    rule: 'environment:anthropic_work_heartbeats_hung:info',
    edit: '* → / (* group by (E) (environment_instan)',
    reason: 'The other factor is one.',
  },
  {
    rule: 'AnthropicWorkStaleHeartbeats warning',
    edit: 'max → min (max by (E) (environment_instance_s)',
    reason: 'Only the number that the text shows changes: of two replicas the lower one.',
  },
  ...[
    '1m5s → 32500ms (1m5s]))))',
    '1m5s → 130000ms (1m5s]))))',
    'last_over_time(page:anthropic_work_page_returned:info15m{job="anthropic-work-exporter"}[1m5s]) → an instant value',
  ].map((edit) => ({
    rule: 'page:anthropic_work_page_returned:info15m',
    edit,
    reason: 'The window bridges evaluations that Prometheus misses, and nothing is missing in a table.',
  })),
  ...[
    'alertname="AnthropicWorkNoWorkers" → alertname!="AnthropicWorkNoWorkers" (alertname="AnthropicWorkNoWorkers", severity="critical", alertstate="f) #2',
    'severity="critical" → severity!="critical" (severity="critical", alertstate="firing", told_by="AnthropicWorkNoWork) #2',
    '30m → 900000ms (30m)))) or (environment:anthropic_work_no_workers_held:info{job="anthr)',
  ].map((edit) => ({
    rule: 'AnthropicWorkNoWorkers critical',
    edit,
    reason:
      'The page with the label asks the same, is evaluated before it, and begins at the same moment: then this one does not.',
  })),
  ...[
    'alertname="AnthropicWorkLeasesLapsing" → alertname!="AnthropicWorkLeasesLapsing" (alertname="AnthropicWorkLeasesLapsing", severity="critical", alertstat) #2',
    'severity="critical" → severity!="critical" (severity="critical", alertstate="firing", told_by="AnthropicWorkLeases) #2',
    '30m → 900000ms (30m)))) or (environment:anthropic_work_runs_lost:info15m{job="anthropi)',
  ].map((edit) => ({
    rule: 'AnthropicWorkLeasesLapsing critical',
    edit,
    reason:
      'The page with the label asks the same, is evaluated before it, and begins at the same moment: then this one does not.',
  })),
  ...['1m5s → 32500ms', '1m5s → 130000ms'].map((edit) => ({
    rule: 'AnthropicWorkApiRateLimited critical',
    edit: `${edit} (1m5s] offset 5m)) unless on (job, connection) ALERTS{job="anthropic-wo)`,
    reason: 'The window bridges evaluations that Prometheus misses, and nothing is missing in a table.',
  })),
  {
    rule: 'AnthropicWorkApiRateLimited critical',
    edit: 'count → max (count by (job, connection) (environment:anthropic_work_not_visible:inf)',
    reason: 'Only the number that the text shows changes.',
  },
  {
    rule: 'environment:anthropic_work_queue_too_deep:info',
    edit: '< → <= (< Inf) < on (E) group_left () max )',
    reason: 'No queue is deeper than that.',
  },
  { rule: 'AnthropicWorkSaturated warning', edit: '5m5s → 152500ms (5m5s])))', reason: BRIDGES },
  { rule: 'AnthropicWorkSaturated warning', edit: '5m5s → 610000ms (5m5s])))', reason: BRIDGES },
  {
    rule: 'AnthropicWorkSaturated warning',
    edit: 'last_over_time(ALERTS{job="anthropic-work-exporter", alertname="AnthropicWorkSaturated", severity="warning", alertstate="firing"}[5m5s]) → an instant value',
    reason: BRIDGES,
  },
  {
    rule: 'AnthropicWorkApiDrift info',
    edit: 'sum → max (sum by (job, kind) (increase(anthropic_work_api_unknown_values_total{j)',
    reason: 'Compared with 0: a sum of increases is positive when the largest is.',
  },
  {
    rule: 'environment:anthropic_work_queue_age_falling:info15m',
    edit: '< → <= (< -0.05) and on (E) (environment:a)',
    reason: 'No slope of a regression is exactly this number.',
  },
  {
    rule: 'environment:anthropic_work_items_lapsed:increase15m',
    edit: '> → >= (> 1.5)',
    reason: 'No counter of items extrapolates to exactly 1.5.',
  },
  {
    rule: 'environment:anthropic_work_items_lapsed:increase5m',
    edit: '0 → 1 (0)',
    reason: 'One item more extrapolates to more than 1.',
  },
  {
    rule: 'environment:anthropic_work_runs_lost:info15m',
    edit: '> → >= (> 2.5) and on (E) environment:anth)',
    reason: 'No counter of items extrapolates to exactly 2.5.',
  },
  {
    rule: 'AnthropicWorkLeasesLapsing warning',
    edit: '> → >= (> 2.5) > on (E) 0.05 * max by (job)',
    reason: 'No counter of items extrapolates to exactly 2.5.',
  },
  {
    rule: 'environment:anthropic_work_runs_none_finishes:info15m',
    edit: '> → >= (> on (E) 4 * max by (job, environm)',
    reason:
      'Two counters that are extrapolated over the same window are four to one only where both are 0, and then nothing lapses.',
  },
  {
    rule: 'AnthropicWorkLeasesLapsing warning',
    edit: '> → >= (> on (E) 0.05 * max by (job, envir)',
    reason: 'Exactly one in twenty or a little more: a run more or less in a quarter of an hour.',
  },
  {
    rule: 'AnthropicWorkEnvironmentArchived warning',
    edit: 'sum → max (sum by (E) (environment:anthropic_)',
    reason: 'Compared with 0; only the number that is shown changes.',
  },
  {
    rule: 'AnthropicWorkEnvironmentArchived warning',
    edit: 'max → min (max by (E, state) (environment_ins)',
    reason: 'Compared with 0; only the number that is shown changes, where there are two replicas.',
  },
  ...[0.5, 2].map((edit) => ({
    rule: 'environment:anthropic_work_not_served:info',
    edit: `1 → ${edit} (1 + (environment:anthropic_work_queue_oldest_age_seconds:max{job="anth)`,
    reason: 'Any number does that makes an age of 0 more than 0.',
  })),
  {
    rule: 'environment_instance:anthropic_work_health_checks:increase30m',
    edit: '> → >= (> 0.5)',
    reason: 'No counter extrapolates to exactly half.',
  },
  {
    rule: 'environment_instance:anthropic_work_runs_short:increase30m',
    edit: '> → >= (> 4.5)',
    reason: 'No counter extrapolates to exactly 4.5.',
  },
  {
    rule: 'AnthropicWorkRunsTooShort warning',
    edit: 'max → min (max by (E) (environment_instance:a)',
    reason: 'Only what is shown changes: of two replicas the lower share.',
  },
  {
    rule: 'AnthropicWorkWorkersBelowMinimum warning',
    edit: '< → <= (< on (E) (min by (job, environment)',
    reason: 'An average that is exactly the minimum, while fewer worked within two minutes, does not stay so for five.',
  },
  {
    rule: 'environment:anthropic_work_runs_none_finishes:info15m',
    edit: '> → >= (> on (E) 12 * max by (job, environ)',
    reason:
      'Two extrapolations over different windows are twelve to one only where both are 0, and then nothing lapses.',
  },
  ...['CredentialRejected', 'ApiRateLimited', 'ApiUnreachable', 'DiscoveryFailing'].flatMap((alert) =>
    [
      '- → + (- 1) unless on (job) job:anthropic_work_exporter_watches:info{job="ant)',
      '1 → 0.5 (1) unless on (job) job:anthropic_work_exporter_watches:info{job="anthr)',
      '1 → 2 (1) unless on (job) job:anthropic_work_exporter_watches:info{job="anthr)',
    ].map((edit) => ({
      rule: `AnthropicWork${alert} critical`,
      edit,
      reason: 'The value is only for the text, which has tests of its own.',
    })),
  ),
  {
    rule: 'AnthropicWorkApiUnreachable critical',
    edit: 'severity="critical" → severity!="critical" (severity="critical", alertstate="firing"}) or ((group by (job, connect)',
    reason:
      'The page ends early, which a bound on its end allows; DiscoveryFailing then pages, whose rule is not the one played.',
  },
  {
    rule: 'AnthropicWorkNoWorkersAnywhere critical',
    edit: 'count → max (count by (job) (ALERTS{J, alertname="Anthr)',
    reason: 'Only the number that is shown changes.',
  },
  {
    rule: 'AnthropicWorkNoWorkersAnywhere critical',
    edit: 'alertname="AnthropicWorkNoWorkers" → alertname!="AnthropicWorkNoWorkers" (alertname="AnthropicWorkNoWorkers", severity="critical", alertstate="f) #4',
    reason: 'The page itself is among the others, so only the number that is shown changes.',
  },
  {
    rule: 'AnthropicWorkLeasesLapsingAnywhere critical',
    edit: 'count → max (count by (job) (ALERTS{J, alertname="Anthr)',
    reason: 'Only the number that is shown changes.',
  },
  {
    rule: 'AnthropicWorkLeasesLapsingAnywhere critical',
    edit: 'alertname="AnthropicWorkLeasesLapsing" → alertname!="AnthropicWorkLeasesLapsing" (alertname="AnthropicWorkLeasesLapsing", severity="critical", alertstat) #4',
    reason: 'The page itself is among the others, so only the number that is shown changes.',
  },
  {
    rule: 'AnthropicWorkWaitBudgetBurn warning',
    edit: 'for: 5m → 150000ms',
    reason: 'Its group is evaluated every five minutes.',
  },
  {
    rule: 'AnthropicWorkCredentialRejected critical',
    edit: 'count → max (count by (job, connection) (environment:anthropic_work_reads_flapping:)',
    reason: 'Only the number that the text shows changes.',
  },
  {
    rule: 'AnthropicWorkApiUnreachable critical',
    edit: 'count → max (count by (job, connection) (environment:anthropic_work_reads_flapping:)',
    reason: 'Only the number that the text shows changes.',
  },
  {
    rule: 'AnthropicWorkReplicaBlind warning',
    edit: 'count → max (count by (job, instance) ((max_over_time(anthropic_work_up{job="anthro)',
    reason: 'Only the number that the text shows changes.',
  },
  {
    rule: 'AnthropicWorkCoverageReduced warning series',
    edit: '1 → 0.5 (1 - on (job, instance) count by (job, instance) (group by (job, instan)',
    reason: 'Environments are counted in whole numbers.',
  },
  {
    rule: 'AnthropicWorkCoverageReduced warning intervals',
    edit: 'count → max (count by (job) ( max by (E, oper)',
    reason: 'Only the number that the text shows changes.',
  },
  {
    rule: 'AnthropicWorkWatchdog none',
    edit: '1 → 0.5 (1))',
    reason: 'Only whether there is a value matters.',
  },
  {
    rule: 'AnthropicWorkWatchdog none',
    edit: '1 → 2 (1))',
    reason: 'Only whether there is a value matters.',
  },
  {
    rule: 'job:anthropic_work_exporter_absent:info',
    edit: '> → >= (> 0.75)) or on () (group by (job) (page:anthropic_work_page_returned:i)',
    reason: 'At intervals of 15 and 30 s the window has 13 or 7 scrapes, and three quarters of none of them are whole.',
  },
  {
    rule: 'job:anthropic_work_exporter_absent:info',
    edit: '< → <= (< 0.5) or on () ((max by (job) (changes(anthropic_work_exporter_time_s)',
    reason: 'At intervals of 15, 30 and 60 s the window has an odd number of scrapes, so the average is never a half.',
  },
  {
    rule: 'AnthropicWorkExporterInstanceDown warning',
    edit: '< → <= (< 0.5 unless on (job) last_over_time(ALERTS{job="anthropic-work-export)',
    reason: 'At intervals of 15, 30 and 60 s the window has an odd number of scrapes, so the average is never a half.',
  },
  {
    rule: 'AnthropicWorkCredentialRejected warning',
    edit: '> → >= (> 0.3)) unless on (job, connection) last_over_time(ALERTS{job="anthrop)',
    reason: 'At intervals of 15, 30 and 60 s the window has 21, 11 or 6 scrapes: no average is three tenths.',
  },
  {
    rule: 'AnthropicWorkDiscoveryFailing warning',
    edit: '> → >= (> 0.3) unless on (job, connection) last_over_time(ALERTS{job="anthropi)',
    reason: 'At intervals of 15, 30 and 60 s the window has 21, 11 or 6 scrapes: no average is three tenths.',
  },
  ...(
    [
      ['CredentialRejected', ''],
      ['ApiUnreachable', ' #4'],
    ] as const
  ).map(([alert, occurrence]) => ({
    rule: `AnthropicWork${alert} critical`,
    edit: `count → max (count by (job, connection) (environment:anthropic_work_not_visible:inf)${occurrence}`,
    reason: 'What it adds to the rule is about the only environment of a connection.',
  })),
  {
    rule: 'AnthropicWorkApiRateLimited critical',
    edit: 'count → max (count by (job, connection) (((environment:anthropic_work_not_visible:i)',
    reason: 'Only the number that the text shows changes.',
  },
  {
    rule: 'AnthropicWorkApiRateLimited critical',
    edit: 'count → max (count by (job, connection) (environment:anthropic_work_reads_flapping:)',
    reason: 'Only the number that the text shows changes.',
  },
];
