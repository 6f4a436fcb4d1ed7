import { Command, Option } from 'commander';
import type { App } from '../app/app.ts';
import type { Config } from '../config/config.ts';
import { shardText } from '../domain/shard.ts';
import { environmentsJson } from '../server/api/environments-json.ts';
import { type ConfigOptions, loader, loadOrExit } from './command/configuration.ts';
import type { CliIo } from './command/io.ts';
import { exitForFailures, readOnce } from './command/read-once.ts';

const FORMATS = ['prometheus', 'openmetrics', 'json'] as const;
type OnceFormat = (typeof FORMATS)[number];

interface OnceOptions extends ConfigOptions {
  readonly format: OnceFormat;
}

/** `once`: reads everything once and prints it on stdout. */
export function onceCommand(io: CliIo): Command {
  return new Command('once')
    .description('read everything once and print it')
    .option('--config <file>', 'configuration file; without one, the environment variables of the SDKs are read')
    .addOption(new Option('--format <format>', 'what to print').choices(FORMATS).default('prometheus'))
    .action((options: OnceOptions) => once(io, options));
}

async function once(io: CliIo, { format, ...options }: OnceOptions): Promise<void> {
  const load = loader(io, options);
  const { config } = await loadOrExit(load);
  await readOnce(io, { config, load }, async (app) => {
    io.stdout(await text(app, { format, config }, io));
    exitForFailures(app);
  });
}

interface Printed {
  readonly format: OnceFormat;
  readonly config: Config;
}

async function text(app: App, { format, config }: Printed, { clock }: CliIo): Promise<string> {
  if (format !== 'json') return Buffer.concat(await app.exposition.render(format)).toString('utf8');
  const skewMs = (connection: string) => app.skews.correctionMs(connection);
  const { dashboardBaseUrl } = config.server;
  const shard = shardText(config.shard);
  app.watchConditions();
  const report = app.diagnosis;
  const body = environmentsJson(app.states.all(), { now: clock.now(), shard, skewMs, report, dashboardBaseUrl });
  return `${JSON.stringify(body, null, 2)}\n`;
}
