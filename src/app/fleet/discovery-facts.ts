import type { EpochMs } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { RemoteEnvironment } from '../../client/work-api.ts';
import type { Config } from '../../config/config.ts';
import type { Environment } from '../../domain/environment.ts';
import { logFailing } from '../../poller/log/poll-log.ts';
import type { EnvironmentState } from '../../state/environment-state.ts';

/** What the API's list of environments says of one environment. */
export interface DiscoveryFacts {
  /** Null: it says nothing. */
  readonly configType: string | null;
  /** On the API's clock; null: it is not archived, or nothing is known. */
  readonly archivedAt: EpochMs | null;
}

const NO_FACTS: DiscoveryFacts = { configType: null, archivedAt: null };

/** What the latest discoveries, by connection, say of an environment, whether configured or discovered. */
export function discoveryFactsOf(
  { discovery }: Config,
  found: ReadonlyMap<string, readonly RemoteEnvironment[]>,
): (environment: Environment) => DiscoveryFacts {
  // With discovery off, nothing would ever correct what it once said.
  if (!discovery.enabled) return () => NO_FACTS;
  const byConnection = new Map(
    [...found].map(([connection, remotes]) => [
      connection,
      new Map(remotes.map(({ id, configType, archivedAt = null }) => [id, { configType, archivedAt }])),
    ]),
  );
  return ({ connection, id }) => byConnection.get(connection)?.get(id) ?? NO_FACTS;
}

/** Logs an environment that began to fail because discovery says that it is not self-hosted. */
export function logNotSelfHosted(logger: Logger, before: EnvironmentState, after: EnvironmentState): void {
  if (before.operations.stats.failure === null) logFailing(logger, after, 'stats');
}

/** An archived environment is watched at most this long: work that is still left then will never end by itself. */
const LONGEST_DRAIN_MS = 86_400_000;

/**
 * Whether an archived environment may still hold work: it accepts no more, and existing work continues. It is drained
 * once reads from after its archiving saw neither waiting nor live items.
 *
 * @param now the own time, as that of the reads, with what separates it from the API's, which stamps the archiving
 */
export function isDraining(
  { archivedAt: archivedAtOfApi = null }: RemoteEnvironment,
  state: EnvironmentState | undefined,
  { now, skewMs }: { readonly now: EpochMs; readonly skewMs: number },
): boolean {
  if (archivedAtOfApi === null) return false;
  const archivedAt = archivedAtOfApi - skewMs;
  if (now - archivedAt >= LONGEST_DRAIN_MS) return false;
  if (state === undefined) return true;
  const { queue, items, operations } = state;
  const emptyQueue = queue !== null && queue.observedAt > archivedAt && queue.stats.depth + queue.stats.pending === 0;
  const noItems = items !== null && items.observedAt > archivedAt && items.live.length === 0;
  return !((emptyQueue || !operations.stats.attempted) && (noItems || !operations.list.attempted));
}
