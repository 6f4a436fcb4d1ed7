import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { stringify } from 'yaml';
import { App } from '../app/app.ts';
import { systemErrorCode } from '../base/errors.ts';
import { nodeFiles } from '../base/files.ts';
import { counted } from '../base/text.ts';
import { parseListen } from '../config/option-types.ts';
import type { Source } from '../config/problem.ts';
import { settingsOf } from '../rehearse/exporter-configuration.ts';
import { address, ListenError } from '../server/answers.ts';
import { readScenario } from '../simulator/scenario-schema.ts';
import {
  SCENARIO_NAMES,
  type Script,
  type ScriptOptions,
  scriptNamed,
  scriptOf,
  simulatedEnvironments,
} from '../simulator/scenarios.ts';
import { type Simulator, startSimulator } from '../simulator/start-simulator.ts';
import { PRESETS, PROVIDERS, type ProviderName } from '../wire/presets.ts';
import { buildOf, type CliIo, CommandExit, EXIT, wholeNumber } from './command.ts';
import { createLogger, failed, loadOrExit, loadText } from './configuration.ts';

type Address = NonNullable<ReturnType<typeof parseListen>>;

interface DemoFlags {
  readonly listen?: Address;
  readonly scenario: string;
  readonly json?: boolean;
}

interface SimulateFlags extends DemoFlags {
  readonly preset?: ProviderName;
  readonly seed?: number;
  readonly speed: number;
  readonly environments?: number;
}

/** Unless something else is asked for: the keys of the simulator are printed, and its control API requires none. */
const LOOPBACK = '127.0.0.1';
const LISTEN = '--listen <host:port>';
const SCENARIO = [
  '--scenario <name|file>',
  `a file (docs/simulator.md), or one of: ${SCENARIO_NAMES.join(', ')}`,
  'steady',
] as const;
const JSON_OPTION = ['--json', 'one JSON object on the first line instead of text'] as const;

/** `simulate`: the Work API on this machine, with a world in motion behind it. */
export function addSimulate(program: Command, io: CliIo): void {
  program
    .command('simulate')
    .description('serve a simulated Work API, and print the configuration that reads it: simulate > exporter.yaml')
    .option(LISTEN, 'where to listen; 127.0.0.1:9878 by default', listenAddress)
    .option(...SCENARIO)
    .addOption(new Option('--preset <name>', 'which service to behave like; anthropic by default').choices(PROVIDERS))
    .option('--seed <n>', 'the same seed gives the same keys, ids and events; 1 by default', wholeNumber())
    .option('--speed <x>', 'simulated seconds per second', speed, 1)
    .option('--environments <n>', 'how many environments; 3 by default', wholeNumber(1, 10_000))
    .option(...JSON_OPTION)
    .action((flags: SimulateFlags) => simulate(io, flags));
}

/** `demo`: the simulator and the exporter in one process. */
export function addDemo(program: Command, io: CliIo): void {
  program
    .command('demo')
    .description('run the simulator and the exporter that reads it')
    .option(LISTEN, 'address of the exporter; 127.0.0.1:9877 or the next free port by default', listenAddress)
    .option(...SCENARIO)
    .option(...JSON_OPTION)
    .action((flags: DemoFlags) => demo(io, flags));
}

/** What `--scenario` names: one of the simulator's scenarios, or a file as docs/simulator.md describes it. @throws CommandExit */
export async function scenarioNamed(
  scenario: string,
  options: Pick<ScriptOptions, 'minutes' | 'seed' | 'environments'>,
): Promise<{ readonly script: Script; readonly source: Source | null }> {
  if (SCENARIO_NAMES.includes(scenario)) return { script: scriptNamed(scenario, options), source: null };
  if (!/[./\\]/.test(scenario) && !existsSync(scenario)) {
    const names = SCENARIO_NAMES.join(', ');
    throw new CommandExit(EXIT.usage, `--scenario: names no scenario, and no file; use a file, or one of: ${names}`);
  }
  const { environments, ...others } = options;
  const read = await readScenario(resolve(scenario), nodeFiles, environments);
  if (!read.ok) return failed(read.problems);
  return { script: scriptOf(read.scenario, { name: scenario, ...others }), source: read.source };
}

async function simulate(io: CliIo, flags: SimulateFlags): Promise<void> {
  const { listen = { host: LOOPBACK, port: 9878 }, environments: count, seed, speed } = flags;
  const isNamed = SCENARIO_NAMES.includes(flags.scenario);
  if (count !== undefined && !isNamed)
    throw new CommandExit(EXIT.usage, '--environments: a scenario in a file has its own; change them there');
  const chosen = isNamed ? { environments: simulatedEnvironments(count ?? 3) } : {};
  const { script } = await scenarioNamed(flags.scenario, { seed, ...chosen });
  const { preset = script.file.provider } = flags;
  const logger = warnings(io, 'text');
  const options = { clock: io.clock, logger, ...listen, seed: script.seed, scenario: script, speed, preset };
  const simulator = await startSimulator(options).catch((error: unknown) => {
    throw systemErrorCode(error) === null ? error : new ListenError(listen.host, listen.port, error);
  });
  io.onStop(() => simulator.stop());
  io.stdout(flags.json ? simulatorJson(simulator, null) : introduction(simulator, preset));
}

async function demo(io: CliIo, { listen, scenario, json = false }: DemoFlags): Promise<void> {
  const { clock } = io;
  const logger = warnings(io, json ? 'json' : 'text');
  const { script } = await scenarioNamed(scenario, {});
  const simulator = await onFreePort(9878, (port) =>
    startSimulator({ clock, logger, seed: script.seed, scenario: script, host: LOOPBACK, port }),
  );
  io.onStop(() => simulator.stop());
  // The shortest intervals that the configuration allows: somebody is watching.
  const poll = { stats_interval: '5s', list_interval: '10s' };
  const configuration = configurationFor(simulator, script.file.provider, { poll });
  const { app, url } = await onFreePort(listen?.port ?? 9877, async (port) => {
    const flags = { listen: address(listen?.host ?? LOOPBACK, port) };
    const load = loadText('the configuration of the demo', configuration, flags);
    const { config } = await loadOrExit(load);
    // No variables: a proxy does not reach the simulator, which is on this machine.
    const tried = await App.prepare(config, { ...io, env: {}, logger, build: buildOf(io.env), load });
    io.onStop(() => tried.stop());
    return { app: tried, ...(await tried.serve([])) };
  });
  app.watchConditions();
  io.stdout(json ? simulatorJson(simulator, url) : demoIntroduction(simulator, url));
}

function warnings(io: CliIo, format: 'json' | 'text') {
  return createLogger({ level: 'warn', format }, { write: (line) => io.stderr(line) });
}

/** Calls `listen` with this port or, while another program has it, with the next one. 0 is any free one. */
async function onFreePort<T>(first: number, listen: (port: number) => Promise<T>): Promise<T> {
  for (let port = first; ; port++) {
    try {
      return await listen(port);
    } catch (error) {
      const cause = error instanceof ListenError ? error.cause : error;
      if (systemErrorCode(cause) !== 'EADDRINUSE' || port >= Math.min(first + 50, 65_535)) throw error;
    }
  }
}

/** The first line of `--json`: docs/reference.md#commands. `exporter` is null unless one runs in the same process. */
function simulatorJson({ url, apiKey, environments }: Simulator, exporter: string | null): string {
  const shown = environments.map(({ id, name, environmentKey }) => ({ id, name, environment_key: environmentKey }));
  return `${JSON.stringify({ simulator: url, exporter, api_key: apiKey, environments: shown })}\n`;
}

/** A configuration that reads the simulator, as its scenario wants it. Its keys are worthless elsewhere. */
function configurationFor(
  { url, apiKey, environments, scenario }: Simulator,
  provider: ProviderName,
  usual: Readonly<Record<string, unknown>> = {},
): string {
  const { workspaceRequired, environmentKeys } = PRESETS[provider];
  const { connections: _, environments: __, api, ...config } = scenario.file.exporter.config;
  const entries = environments.map(({ id, name, environmentKey }) => {
    const settings = settingsOf({ ...scenario.environments.find((one) => one.id === id) });
    return { id, name, ...(environmentKeys && { environment_key: environmentKey }), ...settings };
  });
  const workspace = workspaceRequired && { workspace_id: 'wrkspc_sim' };
  const connection = { ...(api as object | undefined), provider, base_url: url, api_key: apiKey, ...workspace };
  return stringify({ api: connection, environments: entries, ...usual, ...config });
}

/** What is played and, but for a file, what to see of it; and how to play another. */
function story({ url, scenario: { name, happens, expect } }: Simulator): readonly string[] {
  const other = JSON.stringify({ scenario: name === 'no-workers' ? 'steady' : 'no-workers' });
  return [
    `Scenario ${name}: ${happens}`,
    ...(expect === '' ? [] : [`What you should see: ${expect}`]),
    `Another one: curl -sS ${url}/_sim/scenario -H 'content-type: application/json' -d '${other}'`,
  ];
}

/** The configuration, with everything else in comments, so that the output can be saved and used as it is. */
function introduction(simulator: Simulator, preset: ProviderName): string {
  const { url } = simulator;
  const comments = [
    `The Work API simulator listens on ${url} (${preset}).`,
    ...story(simulator),
    `The true state: curl -sS ${url}/_sim/truth`,
    'This output is a configuration of the exporter: save it, and name the file with --config.',
  ];
  return `${comments.map((line) => `# ${line}\n`).join('')}${configurationFor(simulator, preset)}`;
}

function demoIntroduction(simulator: Simulator, exporter: string): string {
  return `Exporter:   ${exporter}           status page: start here
            ${exporter}/metrics   what Prometheus scrapes
Simulator:  ${simulator.url}           a simulated Work API with ${counted(simulator.environments.length)}

${story(simulator).join('\n')}

Ctrl-C ends both.
`;
}

/** `HOST:PORT`; without a host, it means loopback. @throws InvalidArgumentError */
export function listenAddress(text: string): Address {
  const parsed = parseListen(text.startsWith(':') ? `${LOOPBACK}${text}` : text);
  if (parsed === null) throw new InvalidArgumentError('Write it as HOST:PORT, such as 127.0.0.1:9878.');
  return parsed;
}

function speed(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 100_000)) throw new InvalidArgumentError('It is not a number above 0 (at most 100000).');
  return value;
}
