import type { Command } from 'commander';
import { App } from '../app/app.ts';
import { buildOf, type CliIo } from './command.ts';
import { CONFIG_OPTION, type ConfigOptions, loader, loadOrExit } from './configuration.ts';
import { loggerFor } from './logger.ts';

/** `serve`: the exporter, until a signal ends it. The default command: options without a command are its own. */
export function addServe(program: Command, io: CliIo): void {
  program
    .command('serve')
    .description('run the exporter (the default command)')
    .option(...CONFIG_OPTION)
    .option('--listen <host:port>', 'address of /metrics and the rest (default: 0.0.0.0:9877)')
    .option(
      '--shard <i/n>',
      'watch one part of the fleet: I of N, from 0; auto/N takes I from the end of the host name',
    )
    .option('--log-level <level>', 'debug, info, warn or error (default: info)')
    .option('--log-format <format>', 'json or text (default: text on a terminal, else json)')
    .action((options: ConfigOptions) => serve(io, options));
}

async function serve(io: CliIo, options: ConfigOptions): Promise<void> {
  const load = loader(io, options);
  const { config, notices } = await loadOrExit(load);
  const app = new App(config, { ...io, logger: loggerFor(io, config), build: buildOf(io.env), load });
  io.onStop(() => app.stop());
  await app.serve(notices);
  app.watchConditions();
  io.onReload(async () => void (await app.reload()));
}
