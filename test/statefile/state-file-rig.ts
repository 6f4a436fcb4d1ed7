import type { LogFields, Logger } from '../../src/base/logger.ts';
import type { Ledger } from '../../src/lifecycle/ledger.ts';
import type { StateFileDeps } from '../../src/statefile/port.ts';
import { openStateFile, type StateFile } from '../../src/statefile/state-file.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ledgerOf, MemoryFiles } from './memory-files.ts';

export const PATH = '/state/counters.json';

/** A state file as earlier versions wrote it. */
export function withoutChecksum(text: string): string {
  return text.replace(/"crc32":"[0-9a-f]{8}",/, '');
}

/** A state file in memory, on a clock that only a test moves, and what is told about it. */
export class StateFileRig {
  readonly clock = new ManualClock();
  readonly files = new MemoryFiles();
  readonly logged: Array<{ level: string; fields: LogFields }> = [];
  readonly oks: boolean[] = [];
  readonly #logger: Logger = {
    debug: () => {},
    info: (fields) => this.logged.push({ level: 'info', fields }),
    warn: (fields) => this.logged.push({ level: 'warn', fields }),
    error: (fields) => this.logged.push({ level: 'error', fields }),
  };

  readonly open = async (instance = 'one', change: Partial<StateFileDeps> = {}): Promise<StateFile> => {
    const { clock, files } = this;
    const onOk = (ok: boolean) => this.oks.push(ok);
    const file = await openStateFile({ path: PATH, files, clock, logger: this.#logger, instance, onOk, ...change });
    // The one that proves that it can be written.
    files.writes.length = 0;
    return file;
  };

  readonly onDisk = (): ReadonlyMap<string, Ledger> => this.files.ledgers(PATH);

  readonly ledger = (finished: number): Ledger => ledgerOf(finished, this.clock);

  /** Whether a promise is settled once everything that is due has run. */
  readonly settled = async (promise: Promise<unknown>): Promise<boolean> => {
    let done = false;
    void promise.then(() => {
      done = true;
    });
    await this.clock.advance(0);
    return done;
  };
}
