import { type Command, Option } from 'commander';
import { App } from '../app/app.ts';
import { sleep } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Config } from '../config/config.ts';
import type { LoadResult } from '../config/load.ts';
import { OPERATIONS } from '../domain/environment.ts';
import { shardText } from '../domain/shard.ts';
import { environmentsJson, untriedReads } from '../server/environment-json.ts';
import { buildOf, type CliIo, CommandExit, EXIT } from './command.ts';
import { CONFIG_OPTION, type ConfigOptions, loader, loadOrExit, loggerFor } from './configuration.ts';

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
  const app = await App.prepare(config, { ...io, logger: loggerFor(io, config), build: buildOf(io.env), load });
  io.onStop(() => app.stop());
  await app.serve(notices);
  app.watchConditions();
  io.onReload(async () => void (await app.reload()));
}

interface OnceOptions extends ConfigOptions {
  readonly format: 'prometheus' | 'openmetrics' | 'json';
}

/** `once`: reads everything once and prints it on stdout. */
export function addOnce(program: Command, io: CliIo): void {
  const formats = new Option('--format <format>', 'what to print').choices(['prometheus', 'openmetrics', 'json']);
  program
    .command('once')
    .description('read everything once and print it')
    .option(...CONFIG_OPTION)
    .addOption(formats.default('prometheus'))
    .action((options: OnceOptions) => once(io, options));
}

async function once(io: CliIo, { format, ...options }: OnceOptions): Promise<void> {
  const load = loader(io, options);
  const { config } = await loadOrExit(load);
  await readOnce(io, { config, load }, async (app) => {
    io.stdout(
      format === 'json' ? json(app, config, io) : Buffer.concat(await app.exposition.render(format)).toString(),
    );
    const states = app.states.all().flatMap(({ operations }) => OPERATIONS.map((name) => operations[name]));
    const reasons = [...app.discovery.outcomes(), ...states].flatMap(({ failure }) => failure?.reason ?? []);
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
    pausedUntil: (connection) => app.connections.pausedUntil(connection),
    report: app.diagnosis,
    dashboardBaseUrl: config.server.dashboardBaseUrl,
  });
  return `${JSON.stringify(body, null, 2)}\n`;
}

interface Loaded {
  readonly config: Config;
  load(): Promise<LoadResult>;
}

/** How often to check whether every read has ended. */
const LOOK_MS = 20;
/** Between two lines about it. A long list, at the default budget of requests, takes many minutes. */
const TELL_MS = 10_000;

/**
 * Reads everything once, as `serve` would, passes the app to `use` when every read has ended, and stops it. `use`
 * prints the result, and throws how the command ends: a signal while the app stops ends it the same way.
 *
 * @param level of the log; what the command prints itself need not stand there as well
 */
export async function readOnce(
  io: CliIo,
  { config, load }: Loaded,
  use: (app: App) => void | Promise<void>,
  level = config.log.level,
): Promise<void> {
  const logger = loggerFor(io, { log: { ...config.log, level } });
  // The state file belongs to the serving process.
  const app = await App.prepare({ ...config, stateFile: null }, { ...io, logger, build: buildOf(io.env), load });
  const interrupted = new AbortController();
  // A script takes 0 for the result of a read that nobody waited for.
  let ending: unknown = new CommandExit(EXIT.failed, 'interrupted before everything was read; run it again');
  io.onStop(async () => {
    interrupted.abort();
    if (ending !== null) throw ending;
  });
  try {
    await app.start();
    await everythingRead(io, app, loggerFor(io, config), interrupted.signal);
    await use(app);
    ending = null;
  } catch (error) {
    ending = error;
    throw error;
  } finally {
    await app.stop();
  }
}

/** No time limit of its own: each request's deadline and the budget are the limits. Tells at times what it waits for. */
async function everythingRead({ clock }: CliIo, app: App, logger: Logger, signal: AbortSignal): Promise<void> {
  for (let looks = 1; ; looks++) {
    const states = app.states.all();
    const waiting = [...app.discovery.pending(), ...untriedReads(states)];
    if (waiting.length === 0) return;
    if ((looks * LOOK_MS) % TELL_MS === 0) {
      const requests = states.reduce((sum, { operations: { stats, list } }) => sum + stats.requests + list.requests, 0);
      const fields = { requests, waiting_for: waiting.length, next: waiting.slice(0, 3) };
      logger.info({ event: 'read.progress', ...fields }, 'still reading: not everything was read once');
    }
    await sleep(clock, LOOK_MS, signal);
  }
}
