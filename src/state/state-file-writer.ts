import type { CancelTimer } from '../base/clock.ts';
import { errorText, systemErrorCode } from '../base/errors.ts';
import type { Ledger } from './ledger.ts';
import type { LedgerChange } from './ledger-change.ts';
import type { StateFileDeps } from './state-file.ts';
import { formatLedger, formatStateFile, instanceAtStart } from './state-file-format.ts';

/** At most one write in this time. */
const APART_MS = 1000;
/** Environments of the last process that do not come back are kept for this long: discovery may take its time. */
const UNCLAIMED_MS = 3_600_000;
/** Enough for version and instance. */
const START_BYTES = 256;

/** Writes one file for all environments; those who wait for a write share it. */
export class StateFileWriter {
  readonly #deps: StateFileDeps;
  readonly #ledgers: Map<string, Ledger>;
  readonly #unclaimed: Set<string>;
  readonly #openedAt: number;
  /** Whose file we may replace: our own, or that of the process before us. */
  #mine: string | null;
  #waiting: Array<() => void> = [];
  /** The file lacks something. */
  #isBehind = false;
  /** The file lacks something that it must have soon. */
  #isDue = false;
  /** Most environments are the same from one write to the next. */
  readonly #texts = new WeakMap<Ledger, string>();
  #writing: Promise<void> | null = null;
  #lastWriteAt = Number.NEGATIVE_INFINITY;
  #cancelTimer: CancelTimer | null = null;
  #ok = true;
  #usurped = false;
  #closed = false;

  constructor(deps: StateFileDeps, from: { ledgers: ReadonlyMap<string, Ledger>; instanceBefore: string | null }) {
    this.#deps = deps;
    this.#ledgers = new Map(from.ledgers);
    this.#unclaimed = new Set(from.ledgers.keys());
    this.#mine = from.instanceBefore;
    this.#openedAt = deps.clock.monotonic();
  }

  keep(environmentId: string, ledger: Ledger, change: LedgerChange): Promise<void> {
    if (this.#usurped || this.#closed) return Promise.resolve();
    this.#ledgers.set(environmentId, ledger);
    this.#unclaimed.delete(environmentId);
    this.#isBehind = true;
    this.#isDue ||= change !== 'seen';
    const kept = change === 'counted' ? new Promise<void>((resolve) => this.#waiting.push(resolve)) : Promise.resolve();
    this.#schedule();
    return kept;
  }

  forget(environmentId: string): void {
    this.#ledgers.delete(environmentId);
    this.#unclaimed.delete(environmentId);
    this.#isBehind = true;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    await this.#writing;
    if (this.#isBehind && !this.#usurped) await this.#write();
  }

  #schedule(): void {
    if (this.#writing !== null || this.#cancelTimer !== null || !this.#isDue || this.#closed) return;
    const { clock } = this.#deps;
    const wait = this.#lastWriteAt + APART_MS - clock.monotonic();
    const start = () => {
      this.#cancelTimer = null;
      this.#writing = this.#write().finally(() => {
        this.#writing = null;
        this.#schedule();
      });
    };
    if (wait <= 0) start();
    else this.#cancelTimer = clock.setTimer(wait, start);
  }

  async #write(): Promise<void> {
    const { path, files, clock, logger, instance } = this.#deps;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#lastWriteAt = clock.monotonic();
    if (this.#lastWriteAt - this.#openedAt > UNCLAIMED_MS) for (const id of [...this.#unclaimed]) this.forget(id);
    this.#isBehind = false;
    this.#isDue = false;
    // Taken before the first wait: whoever comes later is in the next write.
    const text = formatStateFile({ instance, savedAt: clock.now(), ledgers: this.#ledgers }, (ledger) =>
      this.#textOf(ledger),
    );
    try {
      if (await this.#isUsurped()) {
        this.#usurped = true;
        this.#setOk(false);
        const remedy = 'Give each process a state_file of its own.';
        logger.error(
          { event: 'state_file.failing', path, remedy },
          'another process writes the state file; it is left to it',
        );
      } else {
        await files.replace(path, text);
        this.#mine = instance;
        if (!this.#ok) logger.info({ event: 'state_file.recovered', path }, 'the state file is written again');
        this.#setOk(true);
      }
    } catch (error) {
      await this.#failed(error);
    } finally {
      for (const resolve of waiting) resolve();
    }
  }

  /** A file that is behind what is published would make counters go down: none is a clean reset. */
  async #failed(error: unknown): Promise<void> {
    const { path, files, logger } = this.#deps;
    if (this.#ok) {
      const remedy = 'Make the directory writable and see that the disk has space.';
      const fields = { event: 'state_file.failing', path, detail: errorText(error), remedy };
      logger.error(fields, 'the state file cannot be written; counters will start at 0 after a restart');
    }
    this.#setOk(false);
    this.#isBehind = true;
    await files.unlink(path).catch(() => {});
  }

  #textOf(ledger: Ledger): string {
    const text = this.#texts.get(ledger) ?? formatLedger(ledger);
    this.#texts.set(ledger, text);
    return text;
  }

  async #isUsurped(): Promise<boolean> {
    const { path, files, instance } = this.#deps;
    try {
      const writer = instanceAtStart(await files.readStart(path, START_BYTES));
      return writer !== null && writer !== instance && writer !== this.#mine;
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return false;
      throw error;
    }
  }

  #setOk(ok: boolean): void {
    if (ok !== this.#ok) this.#deps.onOk?.(ok);
    this.#ok = ok;
  }
}
