import { expect, it } from 'vitest';
import { environmentsApi } from '../../app/environments-api.ts';
import { AMPLE_REQUESTS, configurationOf, keysOf, PROD, simulatedApi } from '../../support/simulated-api.ts';
import { TestFolder } from '../files.ts';
import { runCli } from '../run-cli.ts';
import { checkLive, otherOf, prodOf } from './live-check.ts';

it('says who was read with which key, and what came back', async () => {
  await using api = await simulatedApi();
  const { code, rows, table } = await checkLive(configurationOf(api), keysOf(api));
  expect(code).toBe(0);
  expect(rows).toHaveLength(6);
  expect(rows[0]).toMatchObject({
    environment_id: PROD,
    environment_name: 'prod',
    operation: 'stats',
    credential: 'api_key',
    credential_source: expect.stringMatching(/^api_key in file /),
    verdict: 'ok',
    http_status: 200,
    detail: expect.stringMatching(/^depth \d+, pending \d+, workers polling \d+$/),
    remedy: null,
  });
  expect(rows[1]).toMatchObject({ operation: 'list', credential: 'environment_key', verdict: 'ok' });
  expect(table.stdout).toMatch(/^ENVIRONMENT +OPERATION +CREDENTIAL +VERDICT +DETAIL$/m);
  expect(table.stdout).toMatch(/^prod +stats +api key \(api_key in file .*\) +ok +200 depth \d+/m);
  expect(table.stdout).toMatch(
    new RegExp(`Connection default needs about \\d+ requests a minute; its budget is ${AMPLE_REQUESTS}`),
  );
  expect(table.stdout).not.toContain('To do');
});

it('sends GETs only, and each read once', async () => {
  await using api = await simulatedApi();
  using folder = new TestFolder();
  await runCli(['check', '--live', '--config', folder.write('config.yaml', configurationOf(api))]);
  const { requests } = api.truth().environments[PROD]!;
  expect(requests).toEqual({ stats: { 200: 1 }, list: { 200: 1 } });
});

it('tells what was not tried, which is no failure', async () => {
  await using api = await simulatedApi();
  const { code, rows } = await checkLive(otherOf(api, { id: PROD, name: 'prod' }));
  expect(code).toBe(0);
  expect(rows).toMatchObject([
    { operation: 'stats', verdict: 'ok' },
    {
      operation: 'list',
      verdict: 'not_attempted',
      credential: null,
      remedy: expect.stringContaining('Console → Environments → prod → Environment keys → Create'),
    },
  ]);
});

it('without a file, a missing key goes into a variable', async () => {
  await using api = await simulatedApi();
  const env = { ANTHROPIC_BASE_URL: api.url, ANTHROPIC_API_KEY: api.apiKey, ANTHROPIC_ENVIRONMENT_ID: PROD };
  const { code, stdout } = await runCli(['check', '--live'], env);
  expect(code).toBe(0);
  expect(stdout).toContain('Create, then set ANTHROPIC_ENVIRONMENT_KEY');
  expect(stdout).not.toContain('environment_key_file');
});

it('cuts a name that is too long for a table, and no other', async () => {
  const long = `begin ${'😀'.repeat(200)} end`;
  await using api = await environmentsApi([
    { id: 'env_a', name: long },
    { id: 'env_b', name: 'b'.repeat(40) },
  ]);
  const connection = { base_url: api.url, api_key: `sk-ant-api03-${'a'.repeat(40)}` };
  const { rows, table } = await checkLive({ api: connection, discovery: { enabled: true } });
  const lines = table.stdout.split('\n');
  const cut = `begin ${'😀'.repeat(33)}…`;
  expect(lines.filter((line) => line.startsWith(`${cut} `)).length).toBe(2);
  expect(lines.filter((line) => line.startsWith(`${'b'.repeat(40)} `)).length).toBe(2);
  expect(table.stdout).toContain(`- ${cut} list`);
  expect(table.stdout.split('To do:')[0]).not.toContain(' end');
  const heading = lines.find((line) => line.startsWith('ENVIRONMENT'))!;
  expect(heading.indexOf('OPERATION')).toBeLessThan(80);
  // Programs get all that any name may have.
  expect(rows.map(({ environment_name }) => environment_name)).toContain(`begin ${'😀'.repeat(122)}`);
});

it('tells a clock that is minutes off, although the two answers of one environment correct nothing yet', async () => {
  await using api = await simulatedApi();
  api.setFaults([{ kind: 'date_skew', seconds: 180 }]);
  const { table } = await checkLive(prodOf(api));
  expect(table.stdout).toMatch(/The API's clock is 1(79|80|81)\.\d s ahead\./);
});

it('is silent about two clocks that agree', async () => {
  await using api = await simulatedApi();
  const { table } = await checkLive(prodOf(api));
  expect(table.stdout).not.toContain('clock');
});
