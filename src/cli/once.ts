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
import { CONFIG_OPTION, type ConfigOptions, loader, loadOrExit } from './configuration.ts';
import { loggerFor } from './logger.ts';

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
    report: app.diagnosis,
    dashboardBaseUrl: config.server.dashboardBaseUrl,
  });
  return `${JSON.stringify(body, null, 2)}\n`;
}

/** How often to check whether every read has ended. */
const LOOK_MS = 20;
/** Between two lines about it. A long list, at the default budget of requests, takes many minutes. */
const TELL_MS = 10_000;

export interface ReadOnce {
  readonly config: Config;
  /** Leaves failures out of the log: the command prints them itself. */
  readonly quiet?: boolean;
  load(): Promise<LoadResult>;
}

/**
 * Reads everything once, as `serve` would, passes the app to `use` when every read has ended, and stops it. `use`
 * prints the result, and throws how the command ends: a signal while the app stops ends it the same way.
 */
export async function readOnce(
  io: CliIo,
  { config, load, quiet = false }: ReadOnce,
  use: (app: App) => void | Promise<void>,
): Promise<void> {
  const logger = loggerFor(io, quiet ? { log: { ...config.log, level: 'error' } } : config);
  // The state file belongs to the serving process.
  const app = new App({ ...config, stateFile: null }, { ...io, logger, build: buildOf(io.env), load });
  const interrupted = new AbortController();
  // A script takes 0 for the result of a read that nobody waited for.
  let ending: unknown = new CommandExit(EXIT.failed, 'interrupted before everything was read; run it again');
  io.onStop(async () => {
    interrupted.abort();
    if (ending !== null) throw ending;
  });
  try {
    await app.prepare();
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
