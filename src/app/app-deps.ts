import type { Clock } from '../base/clock.ts';
import type { FileReader } from '../base/files.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { SenderMaker } from '../client/transport.ts';
import type { LoadResult } from '../config/load.ts';
import type { StateDisk } from '../statefile/disk.ts';

/** What an exporter depends on. */
export interface AppDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** For the proxy variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly build: { readonly version: string; readonly revision: string; readonly nodeVersion: string };
  readonly files?: FileReader;
  /** By default those of Node. */
  readonly stateDisk?: StateDisk;
  /** What sends requests; by default, sockets. */
  readonly senders?: SenderMaker;
  /** Reads the configuration again, for a reload. */
  load(): Promise<LoadResult>;
}
