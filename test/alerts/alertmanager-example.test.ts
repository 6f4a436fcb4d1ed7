import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/parts/options.ts';
import { isAlert } from '../../src/rules/parts/rule.ts';
import { ruleGroups } from '../../src/rules/rule-groups.ts';
import { runTool } from '../rules/support/promtool.ts';
import { EXAMPLE } from './alertmanager-process.ts';

const path = fileURLToPath(EXAMPLE);
const RECEIVERS = { critical: 'pager', warning: 'chat', info: 'nobody', none: 'dead-mans-switch' } as const;
const pairs = new Map(
  ruleGroups(DEFAULT_RULE_OPTIONS)
    .flatMap(({ rules }) => rules.filter(isAlert))
    .map(({ alert, labels }) => [`${alert} ${labels.severity}`, { alert, severity: labels.severity }]),
);

describe('the Alertmanager example', () => {
  it('is a configuration', async () => {
    const { ok, output } = await runTool('amtool', ['check-config', path]);
    expect(ok, output).toBe(true);
  });

  it.concurrent.each([...pairs.values()])('routes $alert $severity', async ({ alert, severity }) => {
    const { ok, output } = await runTool('amtool', [
      'config',
      'routes',
      'test',
      `--config.file=${path}`,
      `--verify.receivers=${RECEIVERS[severity]}`,
      `alertname=${alert}`,
      `severity=${severity}`,
      'job=anthropic-work-exporter',
      'environment_id=e',
    ]);
    expect(ok, output).toBe(true);
  });
});
