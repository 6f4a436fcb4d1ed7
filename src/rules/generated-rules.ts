import type { GeneratedFile } from '../base/generated-file.ts';
import { DEFAULT_RULE_OPTIONS, type RuleOptions } from './parts/options.ts';
import { renderKubernetesRules, renderMixinRules, renderPrometheusRules } from './render-rules.ts';
import { ruleGroups } from './rule-groups.ts';

export const RULE_FORMATS = ['prometheus', 'kubernetes', 'mixin'] as const;
export type RuleFormat = (typeof RULE_FORMATS)[number];

/** The rules as a rule file of Prometheus, a PrometheusRule of the Operator, or a mixin in jsonnet. */
export function renderRules(format: RuleFormat, options: RuleOptions): string {
  return RENDER[format](ruleGroups(options));
}

const RENDER = {
  prometheus: renderPrometheusRules,
  kubernetes: renderKubernetesRules,
  mixin: renderMixinRules,
} as const satisfies Record<RuleFormat, unknown>;

/** The rule files of the repository, with the default options; paths from its root. */
export function generateRuleFiles(): readonly GeneratedFile[] {
  return [
    { path: 'alerts/anthropic-work-exporter.rules.yaml', text: renderRules('prometheus', DEFAULT_RULE_OPTIONS) },
    {
      path: 'alerts/anthropic-work-exporter.prometheusrule.yaml',
      text: renderRules('kubernetes', DEFAULT_RULE_OPTIONS),
    },
  ];
}
