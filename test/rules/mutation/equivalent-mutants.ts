/** An edit that no input can tell from the original, or none that occurs; `edit` as the script prints it. */
export interface EquivalentMutant {
  readonly rule: string;
  readonly edit: string;
  readonly reason: string;
}

/** Not equivalent, and said so: the case that would notice it costs more than it tells. */
const JOIN =
  'One line of code writes the joins of all four windows; they are proved with the window of an hour, and days of samples for two environments would say the same.';

const TARGET_LABELS =
  'A replica has one such series. Only when the labels of its target change it has two, for two minutes, and both say the same to within a read.';

export const EQUIVALENT_MUTANTS: readonly EquivalentMutant[] = [
  {
    rule: 'AnthropicWorkBacklogGrowing warning',
    edit: '> → >= (> 0) and on (E) (environment:anthr)',
    reason: 'A slope of exactly 0 means a constant backlog, which the comparison with half an hour ago excludes.',
  },
  {
    rule: 'AnthropicWorkBacklogGrowing warning',
    edit: '> → >= (> environment:anthropic_work_queue_depth:max{job="anthropic-work-expor)',
    reason:
      'A backlog equal to that of half an hour ago for a quarter of an hour, with a rising slope all the time, is no backlog that occurs.',
  },
  {
    rule: 'AnthropicWorkNoWorkers critical',
    edit: '2m → 240000ms (2m])) < 120) unless on (E) (max by)',
    reason: 'A time of success older than two minutes fails the comparison with 120 s anyway.',
  },
  {
    rule: 'AnthropicWorkItemStuck warning',
    edit: 'max → min (max by (E, instance, operation) (l)',
    reason: TARGET_LABELS,
  },
  {
    rule: 'AnthropicWorkItemStuck warning',
    edit: 'max → min (max by (job, connection, instance) (last_over_time(anthropic_work_api_)',
    reason: TARGET_LABELS,
  },
  {
    rule: 'AnthropicWorkWorkersUnknown info',
    edit: 'max → min (max by (E) (max_over_time(anthropi)',
    reason: 'Only whether the series exists matters to `unless`, not its value.',
  },
  {
    rule: 'AnthropicWorkWorkersUnknown info',
    edit: 'max_over_time → min_over_time (max_over_time(anthropic_work_workers_polling{job="anthropic-work-expor)',
    reason: 'Only whether the series exists matters to `unless`, not its value.',
  },
  {
    rule: 'AnthropicWorkWaitBudgetBurn critical 1h 5m',
    edit: '> → >= (> on (E) (14.4 * environment:anthr)',
    reason: 'A share of samples is never exactly equal to the limit, a product of fractions.',
  },
  {
    rule: 'AnthropicWorkWaitBudgetBurn critical 1h 5m',
    edit: '> → >= (> on (E) (14.4 * environment:anthr) #2',
    reason: 'A share of samples is never exactly equal to the limit, a product of fractions.',
  },
  {
    rule: 'AnthropicWorkWaitBudgetBurn critical 1h 5m',
    edit: '1h → 1800000ms (1h]) >= 30))',
    reason:
      'The count only guards the first quarter of the window after a start, when longer and shorter ranges hold the same samples.',
  },
  {
    rule: 'AnthropicWorkWaitBudgetBurn critical 1h 5m',
    edit: '1h → 7200000ms (1h]) >= 30))',
    reason:
      'The count only guards the first quarter of the window after a start, when longer and shorter ranges hold the same samples.',
  },
  {
    rule: 'AnthropicWorkWaitBudgetBurn critical 6h 30m',
    edit: '> → >= (> on (E) (6 * environment:anthropi)',
    reason: 'A share of samples is never exactly equal to the limit, a product of fractions.',
  },
  {
    rule: 'AnthropicWorkWaitBudgetBurn critical 6h 30m',
    edit: 'on (job, environment_id, environment_name) → on (job, environment_name) (on (E) (environment:anthropic_work)',
    reason: JOIN,
  },
  {
    rule: 'AnthropicWorkWaitBudgetBurn critical 6h 30m',
    edit: '> → >= (> on (E) (6 * environment:anthropi) #2',
    reason: 'A share of samples is never exactly equal to the limit, a product of fractions.',
  },
  {
    rule: 'AnthropicWorkWaitBudgetBurn critical 6h 30m',
    edit: 'on (job, environment_id, environment_name) → on (job, environment_name) (on (E) (count_over_time(environmen)',
    reason: JOIN,
  },
  {
    rule: 'AnthropicWorkWaitBudgetBurn critical 6h 30m',
    edit: '6h → 10800000ms (6h]) >= 180))',
    reason:
      'The count only guards the first quarter of the window after a start, when longer and shorter ranges hold the same samples.',
  },
  {
    rule: 'AnthropicWorkWaitBudgetBurn critical 6h 30m',
    edit: '6h → 43200000ms (6h]) >= 180))',
    reason:
      'The count only guards the first quarter of the window after a start, when longer and shorter ranges hold the same samples.',
  },
  {
    rule: 'AnthropicWorkWaitBudgetBurn warning 1d 2h',
    edit: '> → >= (> on (E) (3 * environment:anthropi)',
    reason: 'A share of samples is never exactly equal to the limit, a product of fractions.',
  },
  {
    rule: 'AnthropicWorkWaitBudgetBurn warning 1d 2h',
    edit: 'on (job, environment_id, environment_name) → on (job, environment_name) (on (E) (environment:anthropic_work)',
    reason: JOIN,
  },
  {
    rule: 'AnthropicWorkWaitBudgetBurn warning 1d 2h',
    edit: '> → >= (> on (E) (3 * environment:anthropi) #2',
    reason: 'A share of samples is never exactly equal to the limit, a product of fractions.',
  },
  {
    rule: 'AnthropicWorkWaitBudgetBurn warning 1d 2h',
    edit: 'on (job, environment_id, environment_name) → on (job, environment_name) (on (E) (count_over_time(environmen)',
    reason: JOIN,
  },
  {
    rule: 'AnthropicWorkWaitBudgetBurn warning 1d 2h',
    edit: '1d → 43200000ms (1d]) >= 720))',
    reason:
      'The count only guards the first quarter of the window after a start, when longer and shorter ranges hold the same samples.',
  },
  {
    rule: 'AnthropicWorkWaitBudgetBurn warning 1d 2h',
    edit: '1d → 172800000ms (1d]) >= 720))',
    reason:
      'The count only guards the first quarter of the window after a start, when longer and shorter ranges hold the same samples.',
  },
  {
    rule: 'AnthropicWorkWaitBudgetBurn warning 3d 6h',
    edit: '> → >= (> on (E) (1 * environment:anthropi)',
    reason: 'A share of samples is never exactly equal to the limit, a product of fractions.',
  },
  {
    rule: 'AnthropicWorkWaitBudgetBurn warning 3d 6h',
    edit: 'on (job, environment_id, environment_name) → on (job, environment_name) (on (E) (environment:anthropic_work)',
    reason: JOIN,
  },
  {
    rule: 'AnthropicWorkWaitBudgetBurn warning 3d 6h',
    edit: '> → >= (> on (E) (1 * environment:anthropi) #2',
    reason: 'A share of samples is never exactly equal to the limit, a product of fractions.',
  },
  {
    rule: 'AnthropicWorkWaitBudgetBurn warning 3d 6h',
    edit: 'on (job, environment_id, environment_name) → on (job, environment_name) (on (E) (count_over_time(environmen)',
    reason: JOIN,
  },
  {
    rule: 'AnthropicWorkWaitBudgetBurn warning 3d 6h',
    edit: '3d → 129600000ms (3d]) >= 2160))',
    reason:
      'The count only guards the first quarter of the window after a start, when longer and shorter ranges hold the same samples.',
  },
  {
    rule: 'AnthropicWorkWaitBudgetBurn warning 3d 6h',
    edit: '3d → 518400000ms (3d]) >= 2160))',
    reason:
      'The count only guards the first quarter of the window after a start, when longer and shorter ranges hold the same samples.',
  },
  {
    rule: 'environment:anthropic_work_environment_info:max',
    edit: 'max → min (max by (E, connection) (last_over_)',
    reason: 'The value is always 1.',
  },
  {
    rule: 'AnthropicWorkApiAuthFailing critical',
    edit: '> → >= (> 1.5))',
    reason: 'No counter extrapolates to exactly 1.5 over a full window.',
  },
  {
    rule: 'AnthropicWorkApiAuthFailing warning',
    edit: '> → >= (> 1.5) and on (E) (max by (job, en)',
    reason: 'No counter extrapolates to exactly 1.5 over a full window.',
  },
  {
    rule: 'AnthropicWorkEnvironmentMisconfigured warning',
    edit: '> → >= (> 1.5) and on (E) (max by (job, en)',
    reason: 'No counter extrapolates to exactly 1.5 over a full window.',
  },
  {
    rule: 'AnthropicWorkExporterInstanceDown warning',
    edit: '< → <= (< 0.5)',
    reason: 'Ten minutes hold an odd number of scrapes, both ends included: half of them is impossible.',
  },
  {
    rule: 'AnthropicWorkThresholdsMissing warning',
    edit: 'max → min (max by (E) (last_over_time(anthrop)',
    reason: 'Only whether the series exists matters, not its value.',
  },
  {
    rule: 'AnthropicWorkThresholdsMissing warning',
    edit: 'min → max (min by (E) (last_over_time(anthrop)',
    reason: 'Only whether the series exists matters, not its value.',
  },
  {
    rule: 'AnthropicWorkApiRateLimited warning',
    edit: '> → >= (> 0.05)',
    reason: 'A ratio of two rates is not exactly equal to 0.05 in floating point.',
  },
  {
    rule: 'AnthropicWorkApiDrift info',
    edit: 'sum → max (sum by (job, kind) (increase(anthropic_work_api_unknown_values_total{j)',
    reason: 'Compared with 0: a sum of increases is positive when the largest is.',
  },
  {
    rule: 'AnthropicWorkSessionWaiting warning',
    edit: 'max → min (max by (job, instance) (0 * (up{J} == 1)) )',
    reason: 'The value is always 0.',
  },
  {
    rule: 'AnthropicWorkSessionWaiting warning',
    edit: '* → / (* (up{J} == 1)) + time()) - on (job, insta)',
    reason: 'Zero, multiplied or divided by 1, is zero.',
  },
  {
    rule: 'AnthropicWorkSessionWaiting warning',
    edit: '2m5s → 250000ms (2m5s])) or max by (E, instance)',
    reason: 'The same stamp with a window of its own stands after `and on`: the shorter of the two decides.',
  },
  {
    rule: 'AnthropicWorkSessionWaiting warning',
    edit: '2m5s → 250000ms (2m5s])) > on (E) min by (job, envi)',
    reason: 'It would show a skew as a wait for a minute and a half, which is less than `for`.',
  },
  {
    rule: 'AnthropicWorkRunsTooShort warning',
    edit: 'max → min (max by (E) ( ((max by (job, envi)',
    reason: 'Only what is shown changes: of two replicas the lower share.',
  },
  {
    rule: 'AnthropicWorkRunsTooShort warning',
    edit: '> → >= (> 4.5) ))',
    reason: 'No counter extrapolates to exactly 4.5.',
  },
];
