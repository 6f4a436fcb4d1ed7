import { App } from '../../app/app.ts';
import { sleep } from '../../base/clock.ts';
import type { Config } from '../../config/config.ts';
import type { LoadResult } from '../../config/load/load-config.ts';
import { OPERATIONS } from '../../domain/environment.ts';
import type { Failure } from '../../domain/failure.ts';
import { readiness } from '../../server/health.ts';
import { buildOf } from './build.ts';
import { CommandExit, EXIT } from './command-exit.ts';
import type { CliIo } from './io.ts';
import { loggerFor } from './logger.ts';
import { ReadProgress } from './read-progress.ts';

/** How often to check whether every read has ended. */
const LOOK_MS = 20;

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
  use: (app: App) => Promise<void>,
): Promise<void> {
  const { clock } = io;
  const logger = loggerFor(io, quiet ? { log: { ...config.log, level: 'error' } } : config);
  const progress = new ReadProgress(clock, loggerFor(io, config));
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
    const facts = () => ({
      states: app.states.all(),
      // No time limit of its own: each request's deadline and the budget are the limits.
      now: 0,
      startedAt: 0,
      pendingDiscovery: app.discovery.pending(),
      stopping: false,
    });
    for (;;) {
      const { ready, waiting_for: waitingFor } = readiness(facts());
      if (ready) break;
      progress.logIfDue(() => ({ waitingFor, requests: requestsOf(app) }));
      await sleep(clock, LOOK_MS, interrupted.signal);
    }
    await use(app);
    ending = null;
  } catch (error) {
    ending = error;
    throw error;
  } finally {
    await app.stop();
  }
}

function requestsOf(app: App): number {
  const counts = app.states.all().map(({ operations: { stats, list } }) => stats.requests + list.requests);
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Ends the command with the exit code for its reads: refused wins over failed. */
export function exitForFailures(app: App): void {
  const failures = failuresOf(app);
  if (failures.some(({ reason }) => reason === 'unauthorized' || reason === 'forbidden')) {
    throw new CommandExit(EXIT.refused);
  }
  if (failures.length > 0) throw new CommandExit(EXIT.failed);
}

function failuresOf(app: App): Failure[] {
  return [
    ...app.discovery.outcomes().flatMap(({ failure }) => failure ?? []),
    ...app.states.all().flatMap(({ operations }) => OPERATIONS.flatMap((name) => operations[name].failure ?? [])),
  ];
}
