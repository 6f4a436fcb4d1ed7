import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/parts/options.ts';
import { isAlert, type RuleGroup } from '../../src/rules/parts/rule.ts';
import { renderPrometheusRules } from '../../src/rules/render-rules.ts';
import { ruleGroups } from '../../src/rules/rule-groups.ts';
import { TEXTS } from './support/alert-texts.ts';
import { GROUP_ORDER } from './support/group-order.ts';
import { renderLine } from './support/lines.ts';
import { testRules } from './support/promtool.ts';
import { readsOf, subset } from './support/rule-subset.ts';

const OPTIONS = {
  ...DEFAULT_RULE_OPTIONS,
  runbookBaseUrl: 'https://wiki.test/runbooks',
  dashboardBaseUrl: 'https://grafana.test',
};

const BOARDS: Readonly<Record<string, string>> = {
  ApiAuthFailing: 'exporter',
  ApiUnreachable: 'exporter',
  ApiRateLimited: 'exporter',
  CoverageReduced: 'exporter',
  CredentialRejected: 'exporter',
  EnvironmentMisconfigured: 'exporter',
  EnvironmentNotVisible: 'exporter',
  LeasesLapsingAnywhere: 'overview',
  NoWorkersAnywhere: 'overview',
};

/** The alerts, and what their expressions and texts ask for: all rules take minutes on a busy machine. */
function rulesFor(...alerts: readonly string[]): readonly RuleGroup[] {
  const groups = ruleGroups(OPTIONS);
  const names = alerts.map((alert) => `AnthropicWork${alert}`);
  const rules = groups.flatMap((group) => group.rules).filter(isAlert);
  const texts = rules
    .filter(({ alert }) => names.includes(alert))
    .flatMap(({ annotations }) => Object.values(annotations));
  return subset(groups, [...names, ...texts.flatMap((text) => [...readsOf(text)])]);
}

describe('what a person reads on a phone', () => {
  it.concurrent.each(TEXTS)('$name', { timeout: 600_000 }, async (one) => {
    const folder = await mkdtemp(join(tmpdir(), 'texts-'));
    try {
      const rules = renderPrometheusRules(rulesFor(one.alert, ...(one.beside === undefined ? [] : [one.beside])));
      await writeFile(join(folder, 'rules.yaml'), rules);
      const [runbookOf, boardOf] =
        one.labels.environment_id === undefined ? ['', ''] : ['?environment=e', '?var-environment=e'];
      const file = {
        rule_files: ['rules.yaml'],
        group_eval_order: GROUP_ORDER,
        evaluation_interval: '30s',
        tests: [
          {
            interval: '30s',
            input_series: one.series
              .filter(({ name }) => rules.includes(`${name}{`))
              .map(({ name, labels, line }) => ({
                series: `${name}${JSON.stringify(labels).replaceAll(/"(\w+)":/g, '$1=')}`,
                values: renderLine(line, { end: one.minute }),
              }))
              .filter(({ values }) => !/^_x\d+$/.test(values)),
            alert_rule_test: [
              {
                eval_time: `${one.minute * 60}s`,
                alertname: `AnthropicWork${one.alert}`,
                exp_alerts: [
                  {
                    exp_labels: one.labels,
                    exp_annotations: {
                      summary: one.summary,
                      description: one.description,
                      runbook_url: `https://wiki.test/runbooks/AnthropicWork${one.alert}.md${runbookOf}`,
                      dashboard_url: `https://grafana.test/d/anthropic-work-${BOARDS[one.alert] ?? 'environment'}${boardOf}`,
                    },
                  },
                ],
              },
            ],
          },
        ],
      };
      await writeFile(join(folder, 'texts.json'), JSON.stringify(file));
      const { ok, output } = await testRules('promtool', folder, [join(folder, 'texts.json')]);
      expect(ok, output).toBe(true);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
