import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { loadProgram } from '../../src/cli/program.ts';
import { runCli } from './run-cli.ts';

const IO = { stdout() {}, stderr() {}, env: {}, clock: systemClock, random: Math.random, onStop() {} };
const namesFor = async (...args: string[]) =>
  (await loadProgram(IO, ['node', 'anthropic-work-exporter', ...args])).commands.map((command) => command.name());
const COMMANDS = await namesFor('--help');

describe('help', () => {
  it('names the commands of the contract', async () => {
    const { code, stdout, stderr } = await runCli(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const name of ['serve', 'once', 'check', 'schema', 'simulate', 'demo', 'rules', 'dashboards']) {
      expect(COMMANDS).toContain(name);
      expect(stdout).toContain(`\n  ${name} `);
    }
  });

  it.each(COMMANDS)('%s explains itself', async (name) => {
    const { code, stdout, stderr } = await runCli([name, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Usage: anthropic-work-exporter ${name}`);
  });

  it('--version prints the version', async () => {
    expect(await runCli(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });
});

it.each([
  [['check', '--help'], ['check']],
  [['--config', 'exporter.yaml'], ['serve']],
  [[], ['serve']],
  [['--version'], []],
  [['help', 'check'], COMMANDS],
  [['--config', 'check'], ['serve']],
  [['--config', 'check', '--listen', 'once'], ['serve']],
  [['--config', 'x', '--help'], COMMANDS],
  [['--fast', '--help'], COMMANDS],
  [['--help', 'check'], COMMANDS],
])('%j loads %j', async (args, names) => {
  expect(await namesFor(...args)).toEqual(names);
});

it.each([
  ['an unknown command', ['surf'], /no command "surf"; known here: serve, once, check, /],
  ['a misspelt command', ['chek'], /^error: there is no command "chek"; did you mean check\?$/],
  ['a misspelt command with an option of the right one', ['chek', '--live'], /"chek"; did you mean check\?/],
  ['a misspelt command in capitals', ['Simulat', '--help'], /"Simulat"; did you mean simulate\?/],
  ['help for a misspelt command', ['help', 'rulse'], /"rulse"; did you mean rules\?/],
  ['a misspelt command after an option', ['--config', 'x', 'onec'], /"onec"; did you mean once\?/],
  ['an empty command', [''], /no command ""; known here: /],
  ['a file without its option', ['exporter.yaml'], /"exporter.yaml"; a configuration file goes with --config$/],
  ['a command that would change the colours', ['\u001b[31mx'], /^error: there is no command "\?\[31mx";/],
  ['a command after its options', ['--config=x', 'check', '--live'], /check is .* first: check --config=x --live$/],
  ['a command after a flag of its own', ['--json', 'check'], /check is a command, and .* first: check --json$/],
  ['a command after a flag and a value', ['--live', 'check', '--config', 'a b'], /check is .* first: check OPTIONS$/],
  ['an empty path', ['serve', '--config', ''], /^--config: is empty; name a file, or leave --config out/],
  ['a level that is none', ['serve', '--log-level', 'loud'], /--log-level: .*debug/],
  ['a log format that is none', ['serve', '--log-format', 'xml'], /--log-format: .*json/],
  ['an unknown option', ['serve', '--fast'], /--fast/],
  ['an unknown option of the default command', ['--fast'], /--fast/],
  [
    'an option of other exporters',
    ['--web.listen-address=:9'],
    /unknown option '--web[^(]*\(Did you mean --listen\?\)/,
  ],
  ['a file by its first letter', ['check', '-c', 'x'], /unknown option '-c'\n\(Did you mean --config\?\)\nTo see what/],
  ['a long option with one dash', ['check', '-config', 'x'], /\(Did you mean --config\?\)/],
  ['a port', ['serve', '--port', '9'], /\(Did you mean --listen\?\)/],
  ['more of the log', ['serve', '--verbose'], /\(Did you mean --log-level debug\?\)/],
  [
    'what the file has',
    ['serve', '--web.config.file=x'],
    /\(It is server\.web_config_file in the configuration file\.\)/,
  ],
  ['an option of other commands', ['check', '--port', '9'], /^error: unknown option '--port'\nTo see what it takes/],
  [
    'one argument too many',
    ['check', 'config.yaml'],
    /too many arguments.* A configuration file goes with --config\.\s+To see what it takes: anthropic-work-exporter check --help\n$/,
  ],
  ['too many of a command without a file', ['drill', 'no-workers', 'x'], /but got 2: no-workers, x\.\s+To see/],
  ['a missing value', ['serve', '--config'], /argument missing/],
  ['an unknown format', ['once', '--format', 'xml'], /prometheus, openmetrics, json/],
  ['an unknown scenario', ['simulate', '--scenario', 'party'], /Allowed choices are steady, .*no-workers/],
  ['a misspelt scenario', ['demo', '--scenario', 'no_workers'], /'no_workers' is invalid. Did you mean no-workers\?/],
  ['a misspelt drill', ['drill', 'no-worker'], /'no-worker' is invalid .* Did you mean no-workers\?/],
  ['a format in capitals', ['once', '--format', 'JSON'], /Did you mean json\?/],
  ['the version as a command', ['version'], /no command "version"; --version tells it$/],
  ['an address without a port', ['demo', '--listen', 'localhost'], /HOST:PORT/],
  ['a port that does not exist', ['simulate', '--listen', '127.0.0.1:70000'], /HOST:PORT/],
  ['a number that is none', ['simulate', '--seed', 'x'], /whole number/],
])('%s ends with 2 and says so on stderr', async (_, args, message) => {
  const { code, stdout, stderr } = await runCli(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(message);
});

it.each(['serve', 'once', 'check'])('%s without anything to go by names the ways to start', async (command) => {
  const { code, stdout, stderr } = await runCli([command]);
  expect(code).toBe(2);
  for (const way of ['ANTHROPIC_ENVIRONMENT_ID', 'ANTHROPIC_API_KEY', 'anthropic-work-exporter demo'])
    expect(stdout + stderr).toContain(way);
});

it('drill says before it starts that real environments are not involved, and which option must allow it', async () => {
  const help = (await runCli(['drill', '--help'])).stdout.replace(/\s+/g, ' ');
  expect(help).toContain('your real ones are not involved');
  expect(help).toContain('The exporter must allow it: option server.lifecycle');
});

it('schema prints a JSON Schema', async () => {
  const { code, stdout } = await runCli(['schema']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ $schema: expect.stringContaining('json-schema.org'), type: 'object' });
});
