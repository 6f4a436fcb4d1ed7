import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Config } from '../config/config.ts';
import { isInShard, isOfOtherDivision } from '../domain/shard.ts';
import { nodeStateFiles, type StateFiles } from '../statefile/port.ts';
import { openStateFile, type StateFile } from '../statefile/state-file.ts';

export interface OwnStateFileDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called when writing begins to fail or works again. */
  readonly onOk: (ok: boolean) => void;
  readonly files?: StateFiles;
}

/** The state file of this process and its shard. Opened once: if a reload names another file, it takes effect at the next start. */
export class OwnStateFile {
  readonly #deps: OwnStateFileDeps;
  #file: StateFile | null = null;
  #isOk: boolean | null = null;

  constructor(deps: OwnStateFileDeps) {
    this.#deps = deps;
  }

  /** Null before it is open, and if none is configured. */
  get file(): StateFile | null {
    return this.#file;
  }

  /** Whether the last write succeeded; null without one. */
  get isOk(): boolean | null {
    return this.#isOk;
  }

  async open({ stateFile: path, shard }: Pick<Config, 'stateFile' | 'shard'>): Promise<void> {
    if (path === null) return;
    const { clock, logger, onOk, files = nodeStateFiles } = this.#deps;
    this.#file = await openStateFile({
      path,
      files,
      clock,
      logger,
      instance: randomUUID(),
      onOk: (ok) => {
        this.#isOk = ok;
        onOk(ok);
      },
      isOwn: (environmentId) => isInShard(shard, environmentId),
      isOfOtherDivision: (name) => isOfOtherDivision(name, basename(path), shard),
    });
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }
}
