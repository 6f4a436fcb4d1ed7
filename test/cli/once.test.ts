import { expect, it } from 'vitest';
import { environmentsApi } from '../app/environments-api.ts';
import { environmentsSchema } from '../support/environment-schema.ts';
import { parseExposition } from '../support/exposition-parser.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { configurationOf, PROD, simulatedApi } from '../support/simulated-api.ts';
import { waitUntil } from '../support/wait-until.ts';
import { TestFolder } from './files.ts';
import { CliRun, runCli } from './run-cli.ts';

const API_KEY = `sk-ant-api03-${'a'.repeat(40)}`;

it.each(['prometheus', 'openmetrics'] as const)('prints every number as %s', async (format) => {
  await using api = await simulatedApi();
  using folder = new TestFolder();
  const config = folder.write('config.yaml', configurationOf(api));
  const { code, stdout } = await runCli(['once', '--config', config, '--format', format]);
  expect(code).toBe(0);
  const up = parseExposition(stdout, format).find(({ name }) => name === 'anthropic_work_up');
  expect(up?.samples.map(({ value }) => value)).toEqual([1, 1, 1, 1, 1, 1]);
});

it('prints JSON of the shape that serve answers, with what a first look finds although nothing has lasted yet', async () => {
  await using api = await simulatedApi({ scenario: 'idle', environments: 1 });
  using folder = new TestFolder();
  const config = folder.write('config.yaml', configurationOf(api, { thresholds: { min_workers: 9 } }));
  const { code, stdout } = await runCli(['once', '--config', config, '--format', 'json']);
  expect(code).toBe(0);
  const [environment] = environmentsSchema.parse(JSON.parse(stdout)).environments;
  expect(environment!.conditions).toContainEqual(
    expect.objectContaining({ condition: 'workers_below_minimum', state: 'pending' }),
  );
});

it('starts from the variables of the SDKs alone, and waits for what discovery finds', async () => {
  await using simulator = await simulatedApi();
  const [prod] = simulator.environments;
  const one = await runCli(['once', '--format', 'json'], {
    ANTHROPIC_BASE_URL: simulator.url,
    ANTHROPIC_ENVIRONMENT_ID: prod!.id,
    ANTHROPIC_ENVIRONMENT_KEY: prod!.environmentKey,
  });
  expect(JSON.parse(one.stdout).environments).toMatchObject([{ id: PROD, status: 'ok' }]);
  await using api = await environmentsApi([{ id: 'env_a' }, { id: 'env_b' }]);
  const found = await runCli(['once', '--format', 'json'], {
    ANTHROPIC_BASE_URL: api.url,
    ANTHROPIC_API_KEY: API_KEY,
  });
  expect(JSON.parse(found.stdout).environments).toMatchObject([{ id: 'env_a', queue: { depth: 0 } }, { id: 'env_b' }]);
});

it.each([
  ['4 when a key is refused', 4, [{ kind: 'revoked', environments: [PROD] }]],
  [
    '4 when one is refused and another fails',
    4,
    [
      { kind: 'revoked', endpoints: ['list'] },
      { kind: 'status', status: 404, endpoints: ['stats'] },
    ],
  ],
  ['1 when a read fails', 1, [{ kind: 'garbage', environments: [PROD] }]],
] as const)('ends with %s, and prints what there is', async (_, code, faults) => {
  await using api = await simulatedApi();
  api.setFaults(faults);
  using folder = new TestFolder();
  const config = folder.write('config.yaml', configurationOf(api));
  const result = await runCli(['once', '--config', config]);
  expect(result.code).toBe(code);
  const up = parseExposition(result.stdout, 'prometheus').find(({ name }) => name === 'anthropic_work_up');
  expect(up?.samples.filter(({ value }) => value === 0).length).toBeGreaterThan(0);
  for (const line of result.stderr.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('event');
});

it.each([
  ['once', 4, { kind: 'revoked', endpoints: ['list'] }],
  ['once', 0, null],
  ['check --live', 4, { kind: 'revoked', endpoints: ['list'] }],
  ['check --live', 0, null],
] as const)('a signal while %s stops leaves its exit code at %i', async (command, code, fault) => {
  await using api = await simulatedApi();
  api.setFaults(fault === null ? [] : [fault]);
  using folder = new TestFolder();
  const config = folder.write('config.yaml', configurationOf(api));
  await using run = new CliRun([...command.split(' '), '--config', config]);
  // The next turn comes after the command has decided how it ends.
  const signalled = new Promise<number>((resolve) => {
    run.onOutput = () => setImmediate(() => resolve(run.signal()));
  });
  expect(await signalled).toBe(code);
  expect(await run.returned).toMatchObject({ code });
});

it.each(['once', 'check --live'])('%s tells what it waits for while a read hangs', async (command) => {
  await using api = await simulatedApi();
  api.setFaults([{ kind: 'hang', environments: [PROD], endpoints: ['list'] }]);
  using folder = new TestFolder();
  const { api: connection } = configurationOf(api);
  const config = folder.write('config.yaml', configurationOf(api, { api: { ...connection, timeout: '25s' } }));
  const clock = new ManualClock();
  await using run = new CliRun([...command.split(' '), '--config', config], {}, clock);
  let isOver = false;
  void run.returned.then(() => {
    isOver = true;
  });
  await waitUntil(() => isOver, { what: 'the command to end', meanwhile: () => clock.advance(100) });
  expect(await run.returned).toMatchObject({ code: 1 });
  const events = run.stderr.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
  const told = events.filter(({ event }) => event === 'read.progress');
  expect(told.length).toBeGreaterThan(0);
  for (const line of told) {
    expect(line.next).toContain(`${PROD} list`);
    expect(line.waiting_for).toBeGreaterThan(0);
    expect(line.requests).toBeGreaterThanOrEqual(5);
  }
  // The table of `check` has the failures.
  if (command !== 'once') expect(events).toEqual(told);
});
