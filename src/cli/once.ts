import { type Command, Option } from 'commander';
import type { App } from '../app/app.ts';
import type { Config } from '../config/config.ts';
import { OPERATIONS } from '../domain/environment.ts';
import { shardText } from '../domain/shard.ts';
import { environmentsJson } from '../server/environment-json.ts';
import { type CliIo, CommandExit, EXIT } from './command.ts';
import { type ConfigOptions, loader, loadOrExit } from './configuration.ts';
import { readOnce } from './read-once.ts';

interface OnceOptions extends ConfigOptions {
  readonly format: 'prometheus' | 'openmetrics' | 'json';
}

/** `once`: reads everything once and prints it on stdout. */
export function addOnce(program: Command, io: CliIo): void {
  const formats = new Option('--format <format>', 'what to print').choices(['prometheus', 'openmetrics', 'json']);
  program
    .command('once')
    .description('read everything once and print it')
    .option('--config <file>', 'configuration file; without one, the environment variables of the SDKs are read')
    .addOption(formats.default('prometheus'))
    .action((options: OnceOptions) => once(io, options));
}

async function once(io: CliIo, { format, ...options }: OnceOptions): Promise<void> {
  const load = loader(io, options);
  const { config } = await loadOrExit(load);
  await readOnce(io, { config, load }, async (app) => {
    const exposition = async (text: Exclude<typeof format, 'json'>) => Buffer.concat(await app.exposition.render(text));
    io.stdout(format === 'json' ? json(app, config, io) : (await exposition(format)).toString('utf8'));
    const reasons = failuresOf(app).map(({ reason }) => reason);
    if (reasons.length === 0) return;
    const refused = reasons.includes('unauthorized') || reasons.includes('forbidden');
    throw new CommandExit(refused ? EXIT.refused : EXIT.failed);
  });
}

function json(app: App, config: Config, { clock }: CliIo): string {
  app.watchConditions();
  const body = environmentsJson(app.states.all(), {
    now: clock.now(),
    shard: shardText(config.shard),
    skewMs: (connection) => app.connections.correctionMs(connection),
    report: app.diagnosis,
    dashboardBaseUrl: config.server.dashboardBaseUrl,
  });
  return `${JSON.stringify(body, null, 2)}\n`;
}

function failuresOf(app: App) {
  return [
    ...app.discovery.outcomes().flatMap(({ failure }) => failure ?? []),
    ...app.states.all().flatMap(({ operations }) => OPERATIONS.flatMap((name) => operations[name].failure ?? [])),
  ];
}
