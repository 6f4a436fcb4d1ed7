import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exitFor } from '../../src/cli/command.ts';
import { createLogger, loadText } from '../../src/cli/configuration.ts';
import { loadProgram } from '../../src/cli/program.ts';
import { oldNodeComplaint } from '../../src/cli/start.ts';
import { PROVIDERS } from '../../src/wire/presets.ts';
import { SILENT_IO } from '../support/silent.ts';
import { TestFolder } from './files.ts';
import { CliRun, runCli } from './run-cli.ts';

const { commands } = await loadProgram(SILENT_IO, ['--help']);
const COMMANDS = commands.map((command) => command.name());

it('--help lists every command, and each explains itself', async () => {
  const { code, stdout, stderr } = await runCli(['--help']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const name of COMMANDS) {
    expect(stdout).toContain(`\n  ${name} `);
    for (const args of [
      [name, '--help'],
      ['help', name],
    ]) {
      const help = await runCli(args);
      expect({ code: help.code, stderr: help.stderr }).toEqual({ code: 0, stderr: '' });
      expect(help.stdout).toContain(`Usage: anthropic-work-exporter ${name}`);
    }
  }
  expect(await runCli(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});

it('loads no more than the command that is named', async () => {
  expect((await loadProgram(SILENT_IO, ['check', '--live'])).commands.map((one) => one.name())).toEqual(['check']);
});

/** What is written wrongly, and what the error must say. `''` is an empty word. */
const WRONG: readonly (readonly [line: string, said: RegExp])[] = [
  ['surf', /surf/],
  ['chek --live', /chek.*check/s],
  ['help rulse', /./],
  ['exporter.yaml', /exporter\.yaml/],
  ['--config x check', /check/],
  ['serve --fast', /--fast.*--help/s],
  ['--fast', /--fast/],
  ['check --confg x', /--confg.*--config/s],
  ['check config.yaml', /config\.yaml/],
  ['serve --config', /--config/],
  ["serve --config ''", /--config.* is empty; name a file/],
  ['once --config /nowhere/x.yaml', /\/nowhere\/x\.yaml: .*does not exist/],
  ['serve --log-level loud', /--log-level.*debug/],
  ['serve --log-format xml', /--log-format.*json/],
  ['once --format xml', /xml.*prometheus, openmetrics, json/],
  ['rules --format xml', /xml.*kubernetes/],
  ["rules --job ''", /--job.*scrape_configs/],
  ['rules --job a{{b', /--job.*template/],
  ['rules --runbook-base-url wiki', /not an http or https address/],
  ['rules --runbook-base-url https://wiki/{{x}}', /login, a query/],
  ['rules --dashboard-base-url https://g/$x', /login, a query/],
  ['dashboards --runbook-base-url https://wiki/?p=', /login, a query/],
  ["dashboards --out ''", /--out.*empty/],
  ['simulate --scenario party', /no scenario, and no file.*no-workers/],
  ['simulate --preset x', /x.*anthropic/],
  ['simulate --listen 127.0.0.1:70000', /HOST:PORT/],
  ['simulate --seed x', /whole number/],
  ['simulate --speed 0', /above 0/],
  ['simulate --environments 0', /between 1 and 10000/],
  ['demo --listen 256.1.1.1:9', /HOST:PORT/],
  ['rehearse', /--scenario/],
  ['rehearse --scenario nope', /--scenario.*no-workers/],
  ['drill burning', /burning.*no_workers/],
  // Nobody could tell it from a real one.
  ['drill api_unreachable', /api_unreachable/],
  ['drill --exporter exporter', /--exporter.*http:\/\/HOST:PORT/],
];

it.each(WRONG)('%j ends with 2, says what is wrong and prints nothing else', async (line, said) => {
  const { code, stdout, stderr } = await runCli(line.split(' ').map((word) => (word === "''" ? '' : word)));
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(said);
});

it.each(['serve', 'once', 'check'])('%s without anything to go by names the ways to start', async (command) => {
  const { code, stdout, stderr } = await runCli([command]);
  expect(code).toBe(2);
  for (const way of ['ANTHROPIC_ENVIRONMENT_ID', 'ANTHROPIC_API_KEY', 'anthropic-work-exporter demo'])
    expect(stdout + stderr).toContain(way);
});

describe('nothing secret among the arguments is repeated', () => {
  const KEY = 'sk-ant-api03-ARGUMENTcanary-abcdef';

  it.each([
    ['serve', '--config', KEY],
    ['serve', `--config=${KEY}`],
    [KEY],
    ['drill', '--exporter', `http://${KEY}@127.0.0.1:9`],
    ['rules', '--job', KEY],
  ])('a key: %s %s %s', async (...args) => {
    const { code, stdout, stderr } = await runCli(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^argument \d seems to contain a key, .*replace the key/);
    expect(stderr).not.toContain('canary');
  });

  it.each([
    ['rules', '--dashboard-base-url', 'https://me:hunter2@grafana'],
    ['rules', 'https://hunter2@wiki'],
    ['drill', 'no-workers', 'https://me:hunter2@exporter:9877'],
    ['https://me:hunter2@exporter:9877'],
    ['serve', '--config', 'https://me:hunter2@exporter:9877/x.yaml'],
    ['serve', '--listen', 'https://me:a hunter2@exporter:9877'],
    ['check', '--address=https://me:hunter2@exporter:9877'],
    ['rules', '--dashboard-base-url', 'https://me:a@hunter2@grafana:x'],
    ['rules', 'https://me:a"hunter2@wiki'],
    ['drill', '--exporter', 'user:hunter2@host'],
    ['drill', '--exporter', 'http://host?token=hunter2'],
    // As the shell cuts up a password that has spaces and no quotation marks.
    ['drill', 'no-workers', '--exporter', 'https://me:a', 'hunter2@exporter:9877'],
    ['drill', 'no-workers', 'https://me:hunter2', 'a@exporter:9877'],
  ])('a password: %s %s %s %s %s', async (...args) => {
    const { code, stdout, stderr } = await runCli(args.filter((arg) => arg !== undefined));
    expect(code).toBe(2);
    expect(stdout + stderr).not.toContain('hunter2');
  });

  it('a password of the exporter that does not answer', async () => {
    const { code, stderr } = await runCli(['drill', '--exporter', 'http://user:hunter2@127.0.0.1:9']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/No exporter answers at http:\/\/127\.0\.0\.1:9\/-\/drill: .*ECONNREFUSED/);
    expect(stderr).not.toContain('hunter2');
  });
});

describe('what is printed for other programs', () => {
  it('schema prints a JSON Schema', async () => {
    const { code, stdout } = await runCli(['schema']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      $schema: expect.stringContaining('json-schema.org'),
      type: expect.arrayContaining(['object']),
    });
  });

  it('rules prints links without a slash too many', async () => {
    const { stdout } = await runCli(['rules', '--runbook-base-url', 'https://wiki.example.com/x/', '--job', 'mine']);
    expect(stdout).toContain('https://wiki.example.com/x/AnthropicWorkNoWorkers.md');
    expect(stdout).toContain('job="mine"');
  });

  it('dashboards writes one file a board, or all of them to stdout', async () => {
    using folder = new TestFolder();
    const out = join(folder.path, 'below', 'boards');
    const written = await runCli(['dashboards', '--out', out]);
    const boards: { uid: string }[] = JSON.parse((await runCli(['dashboards'])).stdout);
    expect(written).toMatchObject({ code: 0, stdout: '' });
    expect(readdirSync(out).toSorted()).toEqual(boards.map(({ uid }) => `${uid}.json`).toSorted());
    for (const board of boards) expect(JSON.parse(readFileSync(join(out, `${board.uid}.json`), 'utf8'))).toEqual(board);
    const maps = (await runCli(['dashboards', '--format', 'configmap'])).stdout;
    expect(maps.match(/^kind: ConfigMap$/gm)).toHaveLength(boards.length);
  });

  it('dashboards says which file cannot be written', async () => {
    using folder = new TestFolder();
    mkdirSync(join(folder.path, 'anthropic-work-overview.json'));
    for (const out of [folder.path, folder.write('file', '')]) {
      const { code, stderr } = await runCli(['dashboards', '--out', out]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/cannot write .*; pass a writable directory to --out/);
      expect(stderr).toContain(out);
    }
  });

  it.each(PROVIDERS)('simulate prints a configuration for %s that the exporter accepts', async (preset) => {
    const args = ['simulate', '--listen', '127.0.0.1:0', '--preset', preset, '--environments', '2'];
    await using run = new CliRun(args);
    const { code, stdout } = await run.returned;
    expect(code).toBe(0);
    // The whole output, as `simulate > FILE` saves it.
    const loaded = await loadText('the simulator', stdout, {})();
    expect(loaded).toMatchObject({ ok: true, config: { connections: [{ provider: preset }] } });
  });

  it('simulate ends with 3 when its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await runCli(['simulate', '--listen', `127.0.0.1:${port}`]);
    other.close();
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringMatching(/already in use.*--listen/s) });
  });
});

it('what is no mistake of the user ends with 1', () => {
  expect(exitFor(new TypeError('x is not a function'))).toEqual({ code: 1, message: 'x is not a function' });
});

it('a log for people shows each field on a line, and no control character', () => {
  const lines: string[] = [];
  const logger = createLogger({ level: 'info', format: 'text' }, { write: (line) => void lines.push(line) });
  logger.debug({ event: 'a' }, 'not this');
  logger.error({ event: 'a.b', name: '\u001b[2J\u202e' }, 'x\u001b[31m\nb\u202e');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^\[\d\d:\d\d:\d\d\] ERROR: x.*\n {4}event: "a\.b"\n {4}name: .*\n$/);
  expect(lines[0]!.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

it.each([
  ['22.19.0', null],
  ['26.10.0', null],
  ['22.18.99', /needs Node\.js 22\.19 or later and was started with 22\.18\.99 \(\/bin\/node\)/],
  ['8.17.0', /or use the container image/],
] as const)('on Node %s', (version, said) => {
  const complaint = oldNodeComplaint(version, '/bin/node');
  if (said === null) expect(complaint).toBeNull();
  else expect(complaint).toMatch(said);
});
