import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Config } from '../config/config.ts';
import { isInShard, isOfOtherDivision } from '../domain/shard.ts';
import { nodeStateFiles } from '../statefile/port.ts';
import { openStateFile, type StateFile } from '../statefile/state-file.ts';

export interface OwnStateFileDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called when writing begins to fail or works again. */
  readonly onOk: (ok: boolean) => void;
}

/** Opens the state file of this process and its shard; null if none is configured. */
export async function openOwnStateFile(
  { stateFile: path, shard }: Pick<Config, 'stateFile' | 'shard'>,
  { clock, logger, onOk }: OwnStateFileDeps,
): Promise<StateFile | null> {
  if (path === null) return null;
  return await openStateFile({
    path,
    files: nodeStateFiles,
    clock,
    logger,
    instance: randomUUID(),
    onOk,
    isOwn: (environmentId) => isInShard(shard, environmentId),
    isOfOtherDivision: (name) => isOfOtherDivision(name, basename(path), shard),
  });
}
