import { Command, Option } from 'commander';
import { App } from '../app/app.ts';
import { counted } from '../base/text.ts';
import { address } from '../server/http/listen-error.ts';
import { SCENARIO_NAMES } from '../simulator/scenarios/scenarios.ts';
import { type Simulator, startSimulator } from '../simulator/start-simulator.ts';
import { buildOf } from './command/build.ts';
import { loadOrExit } from './command/configuration.ts';
import { onFreePort } from './command/free-port.ts';
import type { CliIo } from './command/io.ts';
import { type ListenAddress, listenAddress } from './command/listen-address.ts';
import { createLogger } from './command/logger.ts';
import { loadText } from './command/text-configuration.ts';
import { configurationFor, simulatorJson } from './simulate.ts';

interface DemoOptions {
  readonly listen: ListenAddress;
  readonly scenario: string;
  readonly json?: boolean;
}

const DEFAULT_LISTEN: ListenAddress = { host: '127.0.0.1', port: 9877 };

/** The shortest intervals that the configuration allows: somebody is watching the demo. */
const SHORT_INTERVALS = 'poll: {stats_interval: 5s, list_interval: 10s}\n';

/** `demo`: the simulator and the exporter in one process. */
export function demoCommand(io: CliIo): Command {
  return new Command('demo')
    .description('run the simulator and the exporter that reads it')
    .addOption(
      new Option('--listen <host:port>', 'address of the exporter; a taken port means the next free one')
        .argParser(listenAddress)
        .default(DEFAULT_LISTEN, `${DEFAULT_LISTEN.host}:${DEFAULT_LISTEN.port}`),
    )
    .addOption(new Option('--scenario <name>', 'what happens').choices(SCENARIO_NAMES).default('steady'))
    .option('--json', 'one JSON object on the first line instead of text')
    .action((options: DemoOptions) => demo(io, options));
}

async function demo(io: CliIo, { listen: { host, port }, scenario, json = false }: DemoOptions): Promise<void> {
  const { clock } = io;
  const logger = createLogger({ level: 'warn', format: json ? 'json' : 'text' }, { write: (line) => io.stderr(line) });
  const simulator = await onFreePort('127.0.0.1', 9878, (free) =>
    startSimulator({ clock, logger, scenario, host: '127.0.0.1', port: free }),
  );
  io.onStop(() => simulator.stop());
  const { app, url } = await onFreePort(host, port, async (free) => {
    const listen = address(host, free);
    const load = loadText(
      'the configuration of the demo',
      `${configurationFor(simulator, 'anthropic')}${SHORT_INTERVALS}`,
      {
        listen,
      },
    );
    const { config } = await loadOrExit(load);
    // No variables: a proxy does not reach the simulator, which is on this machine.
    const tried = new App(config, { ...io, env: {}, logger, build: buildOf(io.env), load });
    io.onStop(() => tried.stop());
    return { app: tried, ...(await tried.serve([])) };
  });
  app.watchConditions();
  io.stdout(json ? `${JSON.stringify(simulatorJson(simulator, url))}\n` : introduction(simulator, url));
}

function introduction(simulator: Simulator, exporter: string): string {
  const { name, happens, expect } = simulator.scenario;
  const other = name === 'no-workers' ? 'steady' : 'no-workers';
  return [
    `Exporter:   ${exporter}           status page: start here`,
    `            ${exporter}/metrics   what Prometheus scrapes`,
    `            ${exporter}/api/v1/environments`,
    `Simulator:  ${simulator.url}           a simulated Work API with ${counted(simulator.environments.length)}`,
    '',
    `Scenario ${name}: ${happens}`,
    `What you should see: ${expect}`,
    '',
    `To play another scenario, such as ${other}:`,
    `  curl -sS ${simulator.url}/_sim/scenario -H 'content-type: application/json' -d '{"scenario":"${other}"}'`,
    '',
    'Ctrl-C ends both.',
    '',
  ].join('\n');
}
