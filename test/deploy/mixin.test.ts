import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { UID } from '../../src/dashboards/board.ts';
import { renderRules } from '../../src/rules/render.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/rule.ts';
import { ROOT } from '../support/processes.ts';
import { toolPath } from '../support/tool-path.ts';

/** What jsonnet makes of the mixin with this configuration laid over it. */
function mixin(config = '{}') {
  const program = `
    local mixin = (import 'mixin.libsonnet') + { _config+:: ${config} };
    { alerts: mixin.prometheusAlerts, rules: mixin.prometheusRules, boards: mixin.grafanaDashboards }
  `;
  const args = ['--jpath', join(ROOT, 'deploy/mixin'), '--exec', program];
  const { status, stdout, stderr } = spawnSync(toolPath('jsonnet'), args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

it('`rules --format mixin` prints the same rules, to be added to other mixins', () => {
  const printed = renderRules('mixin', DEFAULT_RULE_OPTIONS);
  const program = `({ prometheusAlerts:: { groups: [{ name: 'mine' }] } } + ${printed}).prometheusAlerts`;
  const { stdout, stderr } = spawnSync(toolPath('jsonnet'), ['-'], { input: program, encoding: 'utf8' });
  const { groups } = parse(renderRules('prometheus', DEFAULT_RULE_OPTIONS));
  expect(JSON.parse(stdout), stderr).toEqual({ groups: [{ name: 'mine' }, ...groups] });
});

describe('the mixin', () => {
  const plain = mixin();

  it('has the rules that are shipped, in their order', () => {
    expect(plain.alerts).toEqual(parse(renderRules('prometheus', DEFAULT_RULE_OPTIONS)));
    expect(plain.rules).toEqual({ groups: [] });
  });

  it('has the boards that are shipped', () => {
    expect(Object.keys(plain.boards).toSorted()).toEqual(
      Object.values(UID)
        .map((uid) => `${uid}.json`)
        .toSorted(),
    );
    for (const [name, board] of Object.entries(plain.boards))
      expect(board).toEqual(JSON.parse(readFileSync(join(ROOT, 'grafana', name), 'utf8')));
  });

  it('takes a job and addresses, and leaves no mark behind', () => {
    const own = mixin(
      "{ job: 'queues', runbookBaseUrl: 'https://wiki.test/r', dashboardBaseUrl: 'https://grafana.test' }",
    );
    const options = { job: 'queues', runbookBaseUrl: 'https://wiki.test/r', dashboardBaseUrl: 'https://grafana.test' };
    expect(own.alerts).toEqual(parse(renderRules('prometheus', { ...DEFAULT_RULE_OPTIONS, ...options })));
    expect(JSON.stringify(own.boards)).toContain('https://wiki.test/r/');
    for (const made of [plain, own])
      expect(JSON.stringify(made)).not.toMatch(/SCRAPE_JOB|RUNBOOK_BASE_URL|DASHBOARD_BASE_URL/);
  });
});
