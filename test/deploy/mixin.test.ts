import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { UID } from '../../src/dashboards/board.ts';
import { renderRules } from '../../src/rules/render.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/rule.ts';
import { ROOT } from '../support/processes.ts';
import { toolPath } from '../support/tools.ts';

const MARKS = /SCRAPE_JOB|RUNBOOK_BASE_URL|DASHBOARD_BASE_URL/;

/** What a program in jsonnet comes to, with the mixin at hand. */
function evaluated(program: string) {
  const args = ['--jpath', join(ROOT, 'deploy/mixin'), '--exec', program];
  const { status, stdout, stderr } = spawnSync(toolPath('jsonnet'), args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
/** The mixin with this configuration laid over it. */
const mixin = (config: object) =>
  evaluated(`
    local mixin = (import 'mixin.libsonnet') + { _config+:: ${JSON.stringify(config)} };
    { alerts: mixin.prometheusAlerts, rules: mixin.prometheusRules, boards: mixin.grafanaDashboards }
  `);
const rules = (change = {}) => parse(renderRules('prometheus', { ...DEFAULT_RULE_OPTIONS, ...change }));

it('`rules --format mixin` prints the same rules, to be added to other mixins', () => {
  const printed = renderRules('mixin', DEFAULT_RULE_OPTIONS);
  const added = evaluated(`({ prometheusAlerts:: { groups: [{ name: 'mine' }] } } + ${printed}).prometheusAlerts`);
  expect(added).toEqual({ groups: [{ name: 'mine' }, ...rules().groups] });
});

it('the mixin has the rules and the boards that are shipped', () => {
  const { alerts, boards, ...others } = mixin({});
  expect(alerts).toEqual(rules());
  expect(others).toEqual({ rules: { groups: [] } });
  expect(Object.keys(boards).toSorted()).toEqual(
    Object.values(UID)
      .map((uid) => `${uid}.json`)
      .toSorted(),
  );
  for (const [name, board] of Object.entries(boards))
    expect(board).toEqual(JSON.parse(readFileSync(join(ROOT, 'grafana', name), 'utf8')));
  expect(JSON.stringify([alerts, boards])).not.toMatch(MARKS);
});

it('the mixin takes a job and addresses, and leaves no mark behind', () => {
  const config = { job: 'queues', runbookBaseUrl: 'https://wiki.test/r', dashboardBaseUrl: 'https://grafana.test' };
  const own = mixin(config);
  expect(own.alerts).toEqual(rules(config));
  expect(JSON.stringify(own.boards)).toContain('https://wiki.test/r/');
  expect(JSON.stringify(own)).not.toMatch(MARKS);
});
