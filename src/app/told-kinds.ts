import type { Logger } from '../base/logger.ts';
import type { RemoteEnvironment } from '../client/work-api.ts';
import type { Config } from '../config/config.ts';
import type { Environment } from '../domain/environment.ts';
import { logFailing } from '../poller/poll-log.ts';
import type { EnvironmentState } from '../state/environment-state.ts';

/** What the latest discoveries, by connection, say of the kind of an environment; null while they say nothing. */
export function toldKinds(
  { discovery }: Config,
  found: ReadonlyMap<string, readonly RemoteEnvironment[]>,
): (environment: Environment) => string | null {
  // Once it is off, nobody would ever correct what it said.
  if (!discovery.enabled) return () => null;
  const kinds = new Map(
    [...found].map(([connection, remotes]) => [
      connection,
      new Map(remotes.map(({ id, configType }) => [id, configType])),
    ]),
  );
  return ({ connection, id }) => kinds.get(connection)?.get(id) ?? null;
}

/** Tells of an environment that went down because of what discovery says of its kind. */
export function reportKind(logger: Logger, before: EnvironmentState, after: EnvironmentState): void {
  if (before.operations.stats.failure === null) logFailing(logger, after, 'stats');
}
