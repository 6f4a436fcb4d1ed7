import { Command, InvalidArgumentError, Option } from 'commander';
import { systemErrorCode } from '../base/errors.ts';
import { ListenError } from '../server/http/listen-error.ts';
import { SCENARIO_NAMES } from '../simulator/scenarios/scenarios.ts';
import { type Simulator, startSimulator } from '../simulator/start-simulator.ts';
import { PRESETS, PROVIDERS, type ProviderName } from '../wire/presets.ts';
import type { CliIo } from './command/io.ts';
import { type ListenAddress, listenAddress } from './command/listen-address.ts';
import { createLogger } from './command/logger.ts';

export interface SimulateFlags {
  readonly listen: ListenAddress;
  readonly scenario: string;
  readonly preset: ProviderName;
  readonly seed: number;
  readonly speed: number;
  readonly environments: number;
  readonly json?: boolean;
}

/** Loopback only: its keys are printed, and its control API requires none. */
const DEFAULT_LISTEN: ListenAddress = { host: '127.0.0.1', port: 9878 };

/** `simulate`: the Work API on this machine, with a world in motion behind it. */
export function simulateCommand(io: CliIo): Command {
  return new Command('simulate')
    .description('serve a simulated Work API, and print the configuration that reads it: simulate > exporter.yaml')
    .addOption(
      new Option('--listen <host:port>', 'where to listen')
        .argParser(listenAddress)
        .default(DEFAULT_LISTEN, `${DEFAULT_LISTEN.host}:${DEFAULT_LISTEN.port}`),
    )
    .addOption(new Option('--scenario <name>', 'what happens').choices(SCENARIO_NAMES).default('steady'))
    .addOption(new Option('--preset <name>', 'which service to behave like').choices(PROVIDERS).default('anthropic'))
    .option('--seed <n>', 'the same seed gives the same keys, ids and events', wholeNumber, 1)
    .option('--speed <x>', 'simulated seconds per second', positiveNumber, 1)
    .option('--environments <n>', 'how many environments', environmentCount, 3)
    .option('--json', 'one JSON object on the first line instead of text')
    .action((flags: SimulateFlags) => simulate(io, flags));
}

async function simulate(io: CliIo, flags: SimulateFlags): Promise<void> {
  const { host, port } = flags.listen;
  const logger = createLogger({ level: 'warn', format: 'text' }, { write: (line) => io.stderr(line) });
  const simulator = await startSimulator({ ...flags, clock: io.clock, logger, host, port }).catch((error: unknown) => {
    throw systemErrorCode(error) === null ? error : new ListenError(host, port, error);
  });
  io.onStop(() => simulator.stop());
  io.stdout(flags.json ? `${JSON.stringify(simulatorJson(simulator, null))}\n` : introduction(simulator, flags));
}

/** The first line of `--json`: docs/reference.md#commands. `exporter` is null unless one runs in the same process. */
export function simulatorJson(simulator: Simulator, exporter: string | null): Readonly<Record<string, unknown>> {
  return {
    simulator: simulator.url,
    exporter,
    api_key: simulator.apiKey,
    environments: simulator.environments.map(({ id, name, environmentKey }) => ({
      id,
      name,
      environment_key: environmentKey,
    })),
  };
}

/** A configuration that reads the simulator. Its keys are worthless elsewhere. */
export function configurationFor(simulator: Simulator, provider: ProviderName): string {
  const preset = PRESETS[provider];
  const lines = ['api:', `  provider: ${provider}`, `  base_url: ${simulator.url}`, `  api_key: ${simulator.apiKey}`];
  if (preset.workspaceRequired) lines.push('  workspace_id: wrkspc_sim');
  lines.push('environments:');
  for (const { id, name, environmentKey } of simulator.environments) {
    lines.push(`  - id: ${id}`, `    name: ${name}`);
    if (preset.environmentKeys) lines.push(`    environment_key: ${environmentKey}`);
  }
  return `${lines.join('\n')}\n`;
}

/** The configuration, with everything else in comments, so that the output can be saved and used as it is. */
function introduction(simulator: Simulator, { preset, scenario }: SimulateFlags): string {
  const { happens, expect } = simulator.scenario;
  const { url } = simulator;
  const post = (path: string, body: string) =>
    `curl -sS ${url}${path} -H 'content-type: application/json' -d '${body}'`;
  const comments = [
    `The Work API simulator listens on ${url} (${preset}).`,
    '',
    `Scenario ${scenario}: ${happens}`,
    `What you should see: ${expect}`,
    '',
    `The true state:           curl -sS ${url}/_sim/truth`,
    `Another scenario:         ${post('/_sim/scenario', '{"scenario":"no-workers"}')}`,
    `Something going wrong:    ${post('/_sim/faults', '{"faults":[{"kind":"status","status":503}]}')}`,
    `Jump ahead in time:       ${post('/_sim/clock', '{"advance":60}')}`,
    '',
    'This output is a configuration of the exporter: save it, and name the file with --config.',
  ];
  return `${comments.map((line) => `# ${line}`.trimEnd()).join('\n')}\n${configurationFor(simulator, preset)}`;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is not a whole number.');
  return Number(text);
}

function environmentCount(text: string): number {
  const count = wholeNumber(text);
  if (count < 1 || count > 10_000) throw new InvalidArgumentError('It is not between 1 and 10000.');
  return count;
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 100_000)) throw new InvalidArgumentError('It is not a number above 0 (at most 100000).');
  return value;
}
