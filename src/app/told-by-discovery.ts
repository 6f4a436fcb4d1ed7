import type { EpochMs } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { RemoteEnvironment } from '../client/work-api.ts';
import type { Config } from '../config/config.ts';
import type { Environment } from '../domain/environment.ts';
import { logFailing } from '../poller/poll-log.ts';
import type { EnvironmentState } from '../state/environment-state.ts';

/** What the API's list of environments says of one. */
export interface Told {
  /** Null: nothing is said. */
  readonly configType: string | null;
  /** On the API's clock; null: it is not archived, or nothing is said. */
  readonly archivedAt: EpochMs | null;
}

const NOTHING: Told = { configType: null, archivedAt: null };

/** What the latest discoveries, by connection, say of an environment, however it came to be watched. */
export function toldByDiscovery(
  { discovery }: Config,
  found: ReadonlyMap<string, readonly RemoteEnvironment[]>,
): (environment: Environment) => Told {
  // Once it is off, nobody would ever correct what it said.
  if (!discovery.enabled) return () => NOTHING;
  const told = new Map(
    [...found].map(([connection, remotes]) => [
      connection,
      new Map(remotes.map(({ id, configType, archivedAt = null }) => [id, { configType, archivedAt }])),
    ]),
  );
  return ({ connection, id }) => told.get(connection)?.get(id) ?? NOTHING;
}

/** Tells of an environment that went down because of what discovery says of its kind. */
export function reportKind(logger: Logger, before: EnvironmentState, after: EnvironmentState): void {
  if (before.operations.stats.failure === null) logFailing(logger, after, 'stats');
}

/** An archived environment is watched so long at the most: what is left in it then will never end by itself. */
const LONGEST_MS = 86_400_000;

/**
 * Whether an archived environment may still hold work: it takes no more, and what is there goes on. It is drained once reads
 * from after it was archived saw neither waiting nor live items.
 */
export function isDraining(
  { archivedAt = null }: RemoteEnvironment,
  state: EnvironmentState | undefined,
  now: EpochMs,
): boolean {
  if (archivedAt === null || now - archivedAt >= LONGEST_MS) return false;
  if (state === undefined) return true;
  const { queue, items, operations } = state;
  const emptyQueue = queue !== null && queue.observedAt > archivedAt && queue.stats.depth + queue.stats.pending === 0;
  const noItems = items !== null && items.observedAt > archivedAt && items.live.size === 0;
  return !((emptyQueue || !operations.stats.attempted) && (noItems || !operations.list.attempted));
}
