import { expect, it } from 'vitest';
import { exporterProblems } from '../../src/app/exporter-problems.ts';
import { NO_CONDITIONS } from '../../src/conditions/condition.ts';
import { ALERTS } from '../../src/rules/parts/alert-names.ts';
import { statusPage } from '../../src/server/page/status-page.ts';

const WELL = { configurationRejected: false, stateFileOk: true, environmentsDropped: 0 };
const SITUATIONS = {
  'all is well': [WELL, []],
  'there is no state file': [{ ...WELL, stateFileOk: null }, []],
  'a reload was rejected': [{ ...WELL, configurationRejected: true }, ['AnthropicWorkExporterConfigReloadFailed']],
  'one environment does not fit': [{ ...WELL, environmentsDropped: 1 }, ['AnthropicWorkCoverageReduced']],
  'the state file fails': [{ ...WELL, stateFileOk: false }, ['AnthropicWorkStateFileFailing']],
  'everything at once': [
    { configurationRejected: true, stateFileOk: false, environmentsDropped: 7 },
    ['AnthropicWorkExporterConfigReloadFailed', 'AnthropicWorkCoverageReduced', 'AnthropicWorkStateFileFailing'],
  ],
} as const;

it.each(Object.entries(SITUATIONS))('tells what is wrong with %s', (_, [facts, alerts]) => {
  const problems = exporterProblems(facts);
  expect(problems.map(({ alert }) => alert)).toEqual(alerts);
  for (const { alert, remedy } of problems) {
    expect(Object.keys(ALERTS)).toContain(alert);
    expect(remedy).toMatch(/\.$/);
  }
});

it.each([
  [1, '1 environment is not watched: the limits leave no room'],
  [7, '7 environments are not watched: the limits leave no room'],
])('counts %d that do not fit', (environmentsDropped, text) => {
  expect(exporterProblems({ ...WELL, environmentsDropped })).toMatchObject([{ text }]);
});

it('the status page does not call anything fine meanwhile', () => {
  const problems = exporterProblems({ ...WELL, configurationRejected: true });
  const page = statusPage({ views: [], report: NO_CONDITIONS, problems, now: 0, shard: '0/1', version: '1' });
  expect(page).toContain('The exporter runs an old configuration</h1>');
  expect(page).toContain('<strong>The exporter runs an old configuration: the new one is rejected</strong>');
});
