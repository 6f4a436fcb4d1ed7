import { App } from '../app/app.ts';
import { sleep } from '../base/clock.ts';
import type { Config } from '../config/config.ts';
import type { LoadResult } from '../config/load.ts';
import { readiness } from '../server/health.ts';
import { buildOf, type CliIo, CommandExit, EXIT } from './command.ts';
import { loggerFor } from './logger.ts';

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
    await everythingRead(io, app, { config, signal: interrupted.signal });
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
async function everythingRead(
  io: CliIo,
  app: App,
  { config, signal }: { readonly config: Config; readonly signal: AbortSignal },
): Promise<void> {
  const logger = loggerFor(io, config);
  let told = io.clock.monotonic();
  for (;;) {
    const { ready, waiting_for: waiting } = readiness({
      states: app.states.all(),
      now: 0,
      startedAt: 0,
      pendingDiscovery: app.discovery.pending(),
      stopping: false,
    });
    if (ready) return;
    if (io.clock.monotonic() - told >= TELL_MS) {
      told = io.clock.monotonic();
      const requests = app.states
        .all()
        .reduce((sum, { operations: { stats, list } }) => sum + stats.requests + list.requests, 0);
      const fields = { requests, waiting_for: waiting.length, next: waiting.slice(0, 3) };
      logger.info({ event: 'read.progress', ...fields }, 'still reading: not everything was read once');
    }
    await sleep(io.clock, LOOK_MS, signal);
  }
}
