import { Document, isMap, visit } from 'yaml';
import type { GeneratedFile } from '../base/package-files.ts';
import { alertOf, CONDITION_NAMES, CONDITIONS } from '../diagnosis/conditions.ts';
import { conditionAlerts, conditions } from './condition-rules.ts';
import { EXPORTER_ALERTS, exporterAlerts } from './exporter-rules.ts';
import { DEFAULT_RULE_OPTIONS, type RuleGroup, type RuleOptions } from './rule.ts';
import { BURN_ALERT, burnAlerts, burnRates } from './wait-objective.ts';

const ofConditions = CONDITION_NAMES.map((name) => {
  const { summary } = CONDITIONS[name];
  return [alertOf(name), `${summary[0]!.toUpperCase()}${summary.slice(1)}.`] as const;
});
const ofExporter = Object.entries(EXPORTER_ALERTS).map(([name, { meaning }]) => [name, meaning] as const);

/** What every alert means, by its name, in the order in which people look for them. Each has a runbook of the same name. */
export const ALERTS: Readonly<Record<string, string>> = Object.fromEntries([
  ...ofConditions,
  [BURN_ALERT, 'The error budget of the wait objective burns too fast.'],
  ...ofExporter,
]);

/** All rules; a group is evaluated in order, and groups side by side. */
export function ruleGroups(options: RuleOptions): readonly RuleGroup[] {
  const groups: readonly RuleGroup[] = [
    {
      name: 'anthropic_work.conditions',
      interval: '30s',
      comment: 'What the exporter found: about a connection to the API, or about one environment.',
      rules: [...conditions(), ...conditionAlerts(options)],
    },
    {
      name: 'anthropic_work.exporter',
      interval: '30s',
      comment: 'Who watches the watcher: what the exporter cannot say of itself.',
      rules: exporterAlerts(options, false),
    },
    {
      name: 'anthropic_work.wait_objective',
      interval: '1m',
      comment:
        'The objective of each environment, slo.objective and slo.queue_wait_target: burn rates as in the SRE workbook.',
      rules: [...burnRates(), ...burnAlerts(options)],
    },
    {
      name: 'anthropic_work.slow',
      interval: '2m',
      comment: 'What reads much and is in no hurry.',
      rules: exporterAlerts(options, true),
    },
  ];
  if (options.set === 'all') return groups;
  return groups
    .map((group) => ({ ...group, rules: group.rules.filter(({ starter }) => starter === true) }))
    .filter(({ rules }) => rules.length > 0);
}

export const RULE_FORMATS = ['prometheus', 'kubernetes', 'mixin'] as const;
export type RuleFormat = (typeof RULE_FORMATS)[number];

const HEADER = `# Alerts of anthropic-work-exporter, for \`rule_files\` of Prometheus 2.42 or later, and for vmalert, Thanos and Mimir.
# Written by \`anthropic-work-exporter rules\`, in a checkout by \`npm run generate\` from src/rules and src/diagnosis: do not edit.
#
# How it works: the exporter judges the queues itself, every 15 s, and says on /metrics what it found.
#
#   anthropic_work_condition{environment_id, environment_name, condition, severity}    1: it holds; 0: it does not
#   anthropic_work_connection_condition{connection, condition, severity}               the same of a connection to the API
#
# It is 1 after it has lasted for a while, until it has been gone for a while; so most rules need no \`for\`. What has a known
# cause is 0, so that one cause is one alert. Absent means "not known", and never "all is well": after a start, and while a
# queue cannot be read. alerts/runbooks/README.md says how long each takes. The exporter's page says by which numbers it judged.
#
# Several replicas may watch the same queues. \`…:avg\` is the share of them that say so: \`> 0\` is one, and \`== 1\` is all, for what
# a replica that reads late or not at all would be wrong about. What was said last stays for half an hour while nobody says
# anything: an exporter that is away, or restarts, ends no page. Its own is ExporterAbsent.
#
# critical wakes somebody, warning is for the next working day; alerts/alertmanager.example.yml has the routes.
`;

/** The rules as a rule file of Prometheus, a PrometheusRule of the Operator, or a mixin in jsonnet. */
export function renderRules(format: RuleFormat, options: RuleOptions): string {
  return RENDER[format](ruleGroups(options));
}

const RENDER = {
  prometheus: (groups) => toYaml({ groups: groups.map(plainGroup) }, groups),
  kubernetes: (groups) =>
    toYaml(
      {
        apiVersion: 'monitoring.coreos.com/v1',
        kind: 'PrometheusRule',
        metadata: { name: 'anthropic-work-exporter', labels: { 'app.kubernetes.io/name': 'anthropic-work-exporter' } },
        spec: { groups: groups.map(plainGroup) },
      },
      groups,
    ),
  mixin: (groups) => {
    const text = JSON.stringify(groups.map(plainGroup), null, 2);
    return `{\n  prometheusAlerts+:: { groups+: ${text.replaceAll('\n', '\n  ')} },\n}\n`;
  },
} as const satisfies Record<RuleFormat, (groups: readonly RuleGroup[]) => string>;

/** The rule files of the repository, with the default options; paths from its root. */
export function generateRuleFiles(): readonly GeneratedFile[] {
  const file = (kind: string, format: RuleFormat) => ({
    path: `alerts/anthropic-work-exporter.${kind}.yaml`,
    text: renderRules(format, DEFAULT_RULE_OPTIONS),
  });
  return [file('rules', 'prometheus'), file('prometheusrule', 'kubernetes')];
}

function plainGroup({ name, interval, rules }: RuleGroup) {
  return { name, interval, rules: rules.map(({ comment: _, starter: __, ...rule }) => rule) };
}

/** With the comments of groups and rules: whoever opens the file shall understand it. */
function toYaml(value: unknown, groups: readonly RuleGroup[]): string {
  const document = new Document(value);
  // The groups and their rules come in the order of the comments.
  const comments = groups.flatMap(({ comment, rules }) => [comment, ...rules.map((rule) => rule.comment)]);
  visit(document, {
    Map(_key, node) {
      if (!node.has('interval') && !node.has('expr')) return;
      const comment = comments.shift();
      if (typeof comment === 'string') node.commentBefore = ` ${comment}`;
      node.spaceBefore = true;
    },
    Pair(_key, { key, value: labels }) {
      if (String(key) === 'labels' && isMap(labels)) labels.flow = true;
    },
  });
  const text = document.toString({ lineWidth: 0 });
  return HEADER + text.replaceAll(/^ +$/gm, '').replaceAll(':\n\n', ':\n');
}
