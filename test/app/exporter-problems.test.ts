import { expect, it } from 'vitest';
import { exporterProblems } from '../../src/app/exporter-problems.ts';
import { NO_REPORT } from '../../src/diagnosis/report.ts';
import { statusPage } from '../../src/server/page/status-page.ts';

const WELL = { configurationRejected: false, stateFileOk: true, environmentsDropped: 0 };

it.each([
  ['all is well', WELL, []],
  ['there is no state file', { ...WELL, stateFileOk: null }, []],
  ['a reload was rejected', { ...WELL, configurationRejected: true }, [/old configuration/]],
  ['one environment does not fit', { ...WELL, environmentsDropped: 1 }, [/^1 environment is not watched/]],
  ['the state file fails', { ...WELL, stateFileOk: false }, [/state file cannot be written/]],
  [
    'everything at once',
    { configurationRejected: true, stateFileOk: false, environmentsDropped: 7 },
    [/old configuration/, /^7 environments are not watched/, /state file/],
  ],
])('tells what is wrong with the exporter: %s', (_, facts, words) => {
  expect(exporterProblems(facts).map(({ text }) => text)).toEqual(words.map((one) => expect.stringMatching(one)));
});

it('the status page does not call anything fine meanwhile', () => {
  const problems = exporterProblems({ ...WELL, configurationRejected: true });
  const own = { now: 0, startedAt: 0, shard: '0/1', version: '1' };
  const page = statusPage({ views: [], report: NO_REPORT, problems, ...own });
  expect(page).toContain('The exporter runs an old configuration</h1>');
  expect(page).toContain('<strong>The exporter runs an old configuration: the new one is rejected</strong>');
});
