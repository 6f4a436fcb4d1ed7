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
