/** An edit that no input can tell from the original, or none that occurs; `edit` as the script prints it. */
export interface EquivalentMutant {
  readonly rule: string;
  readonly edit: string;
  readonly reason: string;
}

export const EQUIVALENT_MUTANTS: readonly EquivalentMutant[] = [
  {
    rule: 'AnthropicWorkWorkersUnknown info',
    edit: 'max_over_time → min_over_time (max_over_time(anthropic_work_workers_polling{job="anthropic-work-expor)',
    reason: 'Only whether the series exists matters to `unless`, not its value.',
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
];
