import type { GeneratedFile } from '../base/generated-file.ts';
import { DEFAULT_RULE_OPTIONS, type RuleOptions } from './options.ts';
import { renderKubernetesRules, renderMixinRules, renderPrometheusRules } from './render-rules.ts';
import { ruleGroups } from './rule-groups.ts';

export const RULE_FORMATS = ['prometheus', 'kubernetes', 'mixin'] as const;
export type RuleFormat = (typeof RULE_FORMATS)[number];

export function renderRules(format: RuleFormat, options: RuleOptions): string {
  return RENDER[format](ruleGroups(options));
}

const RENDER = {
  prometheus: renderPrometheusRules,
  kubernetes: renderKubernetesRules,
  mixin: renderMixinRules,
} as const satisfies Record<RuleFormat, unknown>;

export function generateRuleFiles(): readonly GeneratedFile[] {
  return [
    { path: 'alerts/anthropic-work-exporter.rules.yaml', text: renderRules('prometheus', DEFAULT_RULE_OPTIONS) },
    {
      path: 'alerts/anthropic-work-exporter.prometheusrule.yaml',
      text: renderRules('kubernetes', DEFAULT_RULE_OPTIONS),
    },
  ];
}
