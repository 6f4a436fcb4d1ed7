import { ExporterError, errorText } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Config } from '../../config/config.ts';
import { formatProblem, type Problem } from '../../config/file/problem.ts';
import { shardText } from '../../domain/shard.ts';
import type { ReloadResult } from '../../server/http/server-deps.ts';
import { type FleetDifference, newApiKeys } from '../fleet/fleet-difference.ts';

export interface Reloaded {
  readonly before: Config;
  readonly after: Config;
  readonly difference: FleetDifference;
  /** Of the configuration that is now in force. */
  readonly notices: readonly Problem[];
}

/** What an accepted reload has changed, and what it could not change. */
export function reportReload(logger: Logger, { before, after, difference, notices }: Reloaded): void {
  const { added, removed, changed, unchanged } = difference;
  const counts = { added: added.length, removed: removed.length, changed: changed.length, unchanged };
  const fields = { event: 'config.loaded', config: after.origin, ...counts, notices: notices.map(formatProblem) };
  logger.info(fields, 'configuration is in force');
  reportKeys(logger, { before, after, difference });
  const options = optionsOfNextStart(before, after);
  if (options.length === 0) return;
  const later = { event: 'config.loaded', options, remedy: 'Restart the exporter.' };
  logger.warn(later, 'some options take effect at the next start only');
}

/** Which keys were replaced or are gone. */
export function reportKeys(logger: Logger, { before, after, difference }: Omit<Reloaded, 'notices'>): void {
  const { newKeys, lostKeys } = difference;
  for (const id of newKeys) logger.info({ event: 'secret.reloaded', environment_id: id }, 'a key was replaced');
  for (const id of lostKeys) logger.warn({ event: 'secret.reloaded', environment_id: id }, 'a key is gone');
  for (const connection of newApiKeys(before, after)) {
    logger.info({ event: 'secret.reloaded', connection }, 'a key was replaced');
  }
}

/** The answer to a request for a reload. `started` is the configuration at the start of the process. */
export function answerOfReload(reload: {
  readonly started: Config;
  readonly after: Config;
  readonly difference: FleetDifference;
}): ReloadResult {
  const { added, removed, changed, unchanged } = reload.difference;
  const atNextStart = optionsOfNextStart(reload.started, reload.after);
  return { ok: true, added, removed, changed, unchanged, atNextStart };
}

/** Why the connections of a configuration cannot be used, as `check` would write it. */
export function connectionProblem(error: unknown): string {
  const remedy = error instanceof ExporterError ? error.remedy : null;
  return remedy === null ? errorText(error) : `${errorText(error)}; ${remedy}`;
}

/** Why a reload cannot put a configuration into force, as `check` would write it; empty where it can. */
export function restartProblems(now: Config, next: Config): readonly string[] {
  const [shard, otherShard] = [shardText(now.shard), shardText(next.shard)];
  // Series, state file and budgets belong to the shard as which the process started.
  if (shard !== otherShard) return [`shard: a reload cannot change ${shard} to ${otherShard}; restart the exporter`];
  if ((now.server.web.tls === null) !== (next.server.web.tls === null)) {
    return ['server.web_config_file: a reload cannot switch TLS on or off; restart the exporter'];
  }
  return [];
}

/** Options that differ but are only read at the start. */
function optionsOfNextStart(before: Config, after: Config): string[] {
  const listen = before.server.host !== after.server.host || before.server.port !== after.server.port;
  return [
    ...(listen ? ['server.listen'] : []),
    ...(before.stateFile !== after.stateFile ? ['state_file'] : []),
    ...(before.log.level !== after.log.level || before.log.format !== after.log.format ? ['log'] : []),
  ];
}
