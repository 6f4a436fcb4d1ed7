import { describe, expect, it } from 'vitest';
import { COMMANDS_OF } from '../../src/cli/command/option-hints.ts';
import { loadProgram } from '../../src/cli/program.ts';
import { SILENT_IO } from '../support/silent-io.ts';
import { runCli } from './run-cli.ts';

const namesFor = async (...args: string[]) =>
  (await loadProgram(SILENT_IO, ['node', 'anthropic-work-exporter', ...args])).commands.map((command) =>
    command.name(),
  );
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
  [
    'a command after options of another one',
    ['--log-level', 'debug', 'check', '--live'],
    /check is .* first: check OPTIONS\n--log-level is an option of serve\.$/,
  ],
  [
    'the same with that option twice',
    ['--log-level=info', '--log-level=debug', 'check'],
    /check is .* first: check OPTIONS\n--log-level is an option of serve\.$/,
  ],
  [
    'the same with a value behind =',
    ['--shard=0/2', '--config=x', 'once'],
    /first: once OPTIONS\n--shard is an option of serve or check\.$/,
  ],
  ['a command after an option that none has', ['--verbose', 'check'], /first: check OPTIONS$/],
  ['a command after a flag and a value', ['--live', 'check', '--config', 'a b'], /check is .* first: check OPTIONS$/],
  ['a command after two dashes', ['--', 'serve'], /serve is a command, and a command comes first: serve$/],
  ['options after two dashes', ['serve', '--', '--config', 'x'], /--config, x\. Leave out the -- before them\.\n/],
  ['a file as an address', ['once', '--config', 'file:///x.yaml'], /^--config: is an address, .* without anything bef/],
  ['an address of the web as a path', ['serve', '--config', 'https://x/y'], /^--config: is an address, and not the/],
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
  ['a long flag with one dash', ['check', '-live'], /unknown option '-live'\n\(Did you mean --live\?\)/],
  ['the same, as the file has it too', ['serve', '-listen', ':9'], /\(Did you mean --listen\?\)/],
  ['the same, of which the file has another', ['once', '-format', 'json'], /\(Did you mean --format\?\)/],
  ['the same of other exporters', ['-web.listen-address=:9'], /\(Did you mean --listen\?\)/],
  ['the same of another command', ['once', '-live'], /\(--live is an option of check\.\)/],
  ['the help with one dash', ['rules', '-help'], /\(Did you mean --help\?\)/],
  ['a command as an option', ['serve', '--once'], /\(It is a command: once\)/],
  ['what check does', ['--dry-run'], /\(It is a command: check\)/],
  ['a port', ['serve', '--port', '9'], /\(Did you mean --listen\?\)/],
  ['more of the log', ['serve', '--verbose'], /\(Did you mean --log-level debug\?\)/],
  [
    'what the file has',
    ['serve', '--web.config.file=x'],
    /\(It is server\.web_config_file in the configuration file\.\)/,
  ],
  [
    'what the file has, by its name there',
    ['serve', '--state-file=x'],
    /\(It is state_file in the configuration file\.\)/,
  ],
  [
    'what a variable has as well',
    ['check', '--base-url', 'x'],
    /\(It is api\.base_url in the configuration file or, without one, the variable ANTHROPIC_BASE_URL\.\)/,
  ],
  [
    'an environment',
    ['--environment-id', 'env_1'],
    /\(It is environments\[\]\.id in .* variable ANTHROPIC_ENVIRONMENT_ID\.\)/,
  ],
  ['what the file has in several places', ['serve', '--enabled'], /^error: unknown option '--enabled'\nTo see/],
  ['what the file has, for a command without one', ['rules', '--state-file=x'], /option '--state-file=x'\nTo see/],
  ['the path of the metrics', ['--web.telemetry-path=/m'], /\(The path of the metrics is always \/metrics\.\)/],
  [
    'an option of other commands, under the name that others have for it',
    ['check', '--port', '9'],
    /^error: unknown option '--port'\n\(--listen is an option of serve, simulate or demo\.\)\nTo see what it takes/,
  ],
  [
    'one that is near to an option by its letters alone',
    ['rules', '--port', '9'],
    /'--port'\n\(--listen is an option of serve, simulate or demo\.\)\nTo see/,
  ],
  ['an option of other commands', ['check', '--listen', ':1'], /'--listen'\n\(--listen is an option of serve, sim/],
  ['one with a value', ['serve', '--speed=3'], /\(--speed is an option of simulate\.\)/],
  ['a word that is nowhere an option', ['serve', '--colour'], /^error: unknown option '--colour'\nTo see/],
  ['an option of every object', ['serve', '--constructor'], /^error: unknown option '--constructor'\nTo see/],
  ['a file for what is printed', ['rules', '--output', 'x'], /\(rules prints to stdout: rules > FILE\)/],
  ['a file for what is printed, in short', ['schema', '-o', 'x'], /\(schema prints to stdout: schema > FILE\)/],
  ['a directory', ['dashboards', '-o', 'x'], /\(Did you mean --out\?\)/],
  ['JSON of a format', ['once', '--json'], /\(Did you mean --format json\?\)/],
  ['the format of JSON', ['check', '--format', 'json'], /\(Did you mean --json\?\)/],
  ['the scenario of a drill', ['drill', '--scenario', 'x'], /\(Write it without --scenario: drill NAME\)/],
  ['an exporter by another name', ['drill', '--url', 'x'], /\(Did you mean --exporter\?\)/],
  ['a link by another name', ['rules', '--runbook-url', 'https://x'], /\(Did you mean --runbook-base-url\?\)/],
  ['the version in small', ['-v'], /\(Did you mean --version\?\)/],
  ['a scenario without its option', ['demo', 'no-workers'], /: no-workers\. A scenario goes with --scenario\.\nTo/],
  ['a directory without its option', ['dashboards', 'boards'], /: boards\. A directory goes with --out\.\nTo/],
  ['a word of other programs', ['run'], /no command "run"; did you mean serve\?$/],
  ['another', ['validate', '--config', 'x'], /no command "validate"; did you mean check\?$/],
  ['an address that is none', ['demo', '--listen', '256.1.1.1:9'], /four numbers, each from 0 to 255/],
  [
    'one argument too many',
    ['check', 'config.yaml'],
    /too many arguments.* A configuration file goes with --config\.\s+To see what it takes: anthropic-work-exporter check --help\n$/,
  ],
  ['too many of a command without a file', ['drill', 'no-workers', 'x'], /2: no-workers, x\. The address of the exp/],
  ['too many of one that takes nothing', ['schema', 'x'], /but got 1: x\.\s+To see/],
  ['a missing value', ['serve', '--config'], /argument missing/],
  ['an unknown format', ['once', '--format', 'xml'], /prometheus, openmetrics, json/],
  ['an unknown scenario', ['simulate', '--scenario', 'party'], /Allowed choices are steady, .*no-workers/],
  ['a misspelt scenario', ['demo', '--scenario', 'no_workers'], /'no_workers' is invalid. Did you mean no-workers\?/],
  ['a misspelt drill', ['drill', 'no-workers'], /'no-workers' is invalid .* Did you mean no_workers\?/],
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

it.each([
  ['rules', '--dashboard-base-url', 'https://me:hunter2@grafana'],
  ['rules', '--runbook-base-url', 'https://hunter2@wiki'],
  ['rules', 'https://me:hunter2@wiki'],
  ['drill', 'no-workers', 'https://me:hunter2@exporter:9877'],
  ['drill', 'https://me:hunter2@exporter:9877'],
  ['--exporter', 'https://me:hunter2@exporter:9877', 'drill'],
  ['https://me:hunter2@exporter:9877'],
  ['serve', '--config', 'https://me:hunter2@exporter:9877/x.yaml'],
  ['serve', '--listen', 'https://me:hunter2@exporter:9877'],
  ['check', '--address=https://me:hunter2@exporter:9877'],
  ['drill', 'https://me:a/hunter2@exporter:9877'],
  ['rules', '--dashboard-base-url', 'https://me:a@hunter2@grafana:x'],
  ['rules', 'https://me:a"hunter2@wiki'],
  // A password of several words, in quotation marks or as the shell cuts it up.
  ['drill', 'https://me:a hunter2@exporter:9877'],
  ['drill', 'no-workers', 'https://me:hunter2 a@exporter:9877'],
  ['drill', 'no-workers', 'https://me:a\thunter2 b@exporter:9877'],
  ['rules', 'https://me and:hunter2@wiki'],
  ['rules', '--runbook-base-url', 'https://me:a hunter2@wiki'],
  ['check', '--address=https://me:a hunter2@exporter:9877'],
  ['serve', '--listen', 'https://me:a hunter2@exporter:9877'],
  ['serve', '--config', 'https://me:a hunter2@exporter:9877/x.yaml'],
  ['drill', 'no-workers', '--exporter', 'https://me:a', 'hunter2@exporter:9877'],
  ['drill', 'no-workers', 'https://me:hunter2', 'a@exporter:9877'],
  ['drill', 'no-workers', '--exporter', 'https://me:a', 'hunter2', 'b@exporter:9877'],
  ['rules', 'https://me:a', 'hunter2@b@wiki'],
])('no error repeats a password: %s %s %s', async (...args) => {
  const { code, stdout, stderr } = await runCli(args.filter((arg) => arg !== undefined));
  expect(code).toBe(2);
  expect(stdout + stderr).not.toContain('hunter2');
});

it.each([
  ['rules', '--dashboard-base-url', 'ftp://grafana/d/@work', 'ftp://grafana/d/@work'],
  ['rules', '--dashboard-base-url', 'ftp://grafana:3000/d/work', 'ftp://grafana:3000/d/work'],
])('an error repeats an address without a login, %s %s %s, as %s', async (...args) => {
  const { stderr } = await runCli(args.slice(0, 3));
  expect(stderr).toContain(`'${args[3]}'`);
});

it('the commands that an unknown option is looked up in have that option', async () => {
  const { commands } = await loadProgram(SILENT_IO, ['node', 'anthropic-work-exporter', '--help']);
  const actual = Map.groupBy(
    commands.flatMap((command) => command.options.map(({ long }) => ({ long, name: command.name() }))),
    ({ long }) => long,
  );
  expect(COMMANDS_OF).toEqual(Object.fromEntries([...actual].map(([long, of]) => [long, of.map(({ name }) => name)])));
});

it.each(['serve', 'once', 'check'])('%s without anything to go by names the ways to start', async (command) => {
  const { code, stdout, stderr } = await runCli([command]);
  expect(code).toBe(2);
  for (const way of ['ANTHROPIC_ENVIRONMENT_ID', 'ANTHROPIC_API_KEY', 'anthropic-work-exporter demo'])
    expect(stdout + stderr).toContain(way);
});

it('drill says before it starts that real environments are not involved, how it ends, and which option must allow it', async () => {
  const help = (await runCli(['drill', '--help'])).stdout.replace(/\s+/g, ' ');
  expect(help).toContain('your real ones are not involved');
  expect(help).toContain('It ends by itself, and with Ctrl-C at once.');
  expect(help).toContain('The exporter must allow it: option server.lifecycle');
});

it('schema prints a JSON Schema', async () => {
  const { code, stdout } = await runCli(['schema']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ $schema: expect.stringContaining('json-schema.org'), type: 'object' });
});
