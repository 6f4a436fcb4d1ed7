import { type CancelTimer, type Clock, sleep } from '../base/clock.ts';
import { errorText, systemErrorCode } from '../base/errors.ts';
import type { LogFields, Logger } from '../base/logger.ts';
import { isWithinAnHour, type Ledger } from '../lifecycle/ledger.ts';
import type { StateDisk } from './disk.ts';
import {
  formatLedger,
  formatStateFile,
  mayBecomeStateFile,
  parseStateFile,
  STATE_FILE_START_BYTES,
  stateFileWriter,
} from './ledger-json.ts';

export interface StateFileDeps {
  readonly path: string;
  readonly disk: StateDisk;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Unique to this process, without `"` and `\`: a random UUID. */
  readonly instance: string;
  /** Whether this process, and not another shard, watches an environment. */
  readonly isOwn: (environmentId: string) => boolean;
  /** Called when writing begins to fail or works again: the metric `state_file_ok`. */
  readonly onOk: (ok: boolean) => void;
}

/** At most one write in this time. */
const APART_MS = 1000;
/** What counts nothing is written after this time; what could not be written is tried again. */
const LATER_MS = 30_000;
/** A disk that does not answer must not delay the start, nor publishing the lists. */
const HANGING_MS = 10_000;
/** Discovery may be slow, or miss an environment for a round: its ledger is kept this long. */
const LEFT_MS = 3_600_000;
/** Verdicts of longer ago say nothing of now: everything is judged again within minutes. */
const VERDICTS_MS = 1_800_000;
/** So many writes in a row must succeed before a failing file counts as working: on a full disk, every other one may. */
const WRITES_TO_RECOVER = 3;

const WRITE_REMEDY =
  'Check that the directory exists and is writable, that the file can be read, and the disk has space; with EMFILE, raise ulimit -n.';
const READ_REMEDY = 'Check the disk and the owner of the file, which is replaced once it can be read.';

interface Kept {
  readonly ledger: Ledger;
  /** As JSON, once it was written: most environments do not change between two writes. */
  text: string | null;
  /** Since when it is not watched (monotonic); null while it is. */
  leftAt: number | null;
}

/**
 * Keeps counters over a restart: docs/design/README.md#counting. Each write replaces the whole file, before what it
 * holds is published, and a file that cannot be replaced is removed. So a file that exists is current: no counter goes down,
 * and nothing counts twice. At worst counters begin at 0, which Prometheus takes for a reset. Nothing here rejects.
 */
export class StateFile {
  readonly #deps: StateFileDeps;
  #path: string;
  readonly #kept = new Map<string, Kept>();
  #diagnosis: unknown = null;
  #memory: () => unknown = () => this.#diagnosis;
  /** Who wrote the file that this process replaces; undefined while that is not known. */
  #writerBefore: string | null | undefined = null;
  /** The last step of the disk, and the write after it, which has not taken its text yet: all who wait share it. */
  #last: Promise<void> = Promise.resolve();
  #next: Promise<void> | null = null;
  /** Resolve what is waited for, if the disk does not answer. */
  readonly #waiting = new Set<() => void>();
  #isHanging = false;
  #isClosing = false;
  /** Nothing is written any more. */
  #isClosed = false;
  #lastWriteAt = Number.NEGATIVE_INFINITY;
  #cancelLater: CancelTimer | null = null;
  #ok: boolean | null = null;
  #goodWrites = 0;

  private constructor(deps: StateFileDeps) {
    this.#deps = deps;
    this.#path = deps.path;
  }

  /** Reads the file and writes it once: one that cannot be written is not used, since it would fall behind. */
  static async open(deps: StateFileDeps): Promise<StateFile> {
    const file = new StateFile(deps);
    file.#last = file.#step(READ_REMEDY, () => file.#read());
    await file.#written();
    // The first count need not wait a second.
    file.#lastWriteAt = Number.NEGATIVE_INFINITY;
    if (file.#ok === true) return file;
    file.#kept.clear();
    file.#diagnosis = null;
    return file;
  }

  /** Whether the last writes succeeded; null before the first. */
  get isOk(): boolean | null {
    return this.#ok;
  }

  /** What the diagnosis of the previous process remembered, if that was lately; null otherwise. Whoever recalls it checks it. */
  get diagnosis(): unknown {
    return this.#diagnosis;
  }

  /** What was counted for an environment by the previous process, or before the environment was lost for a while. */
  resume(environmentId: string): Ledger | undefined {
    const kept = this.#kept.get(environmentId);
    if (kept !== undefined) kept.leftAt = null;
    return kept?.ledger;
  }

  /**
   * Resolves when `ledger` may be published. If it has `counted`, it is on the disk by then, or the file is gone, or the disk
   * does not answer. What has not counted is written with the next write, or after half a minute.
   */
  async save(environmentId: string, ledger: Ledger, counted: boolean): Promise<void> {
    if (this.#isClosed) return;
    // The next process must know since when this one counts.
    const isNew = !this.#kept.has(environmentId);
    this.#kept.set(environmentId, { ledger, text: null, leftAt: null });
    if (counted || isNew) await this.#written();
    else this.#writeLater();
  }

  /** From now on the file remembers this, and soon if it has news. It is asked for at the next write. */
  saveDiagnosis(memory: () => unknown, hasNews: boolean): void {
    this.#memory = memory;
    if (hasNews) void this.#written();
    else this.#writeLater();
  }

  /** The environment is no longer watched; if it returns within an hour, its counters go on. */
  forget(environmentId: string): void {
    const kept = this.#kept.get(environmentId);
    if (kept !== undefined) kept.leftAt = this.#deps.clock.monotonic();
  }

  /** Writes what is pending, and nothing afterwards. */
  async close(): Promise<void> {
    this.#isClosing = true;
    if (this.#next !== null || this.#cancelLater !== null) await this.#written();
    this.#isClosed = true;
    this.#cancelLater?.();
  }

  async #read(): Promise<void> {
    const { disk, clock, logger, isOwn } = this.#deps;
    try {
      this.#path = await disk.resolve(this.#path);
      const text = await disk.read(this.#path);
      const start = text.slice(0, STATE_FILE_START_BYTES);
      this.#writerBefore = stateFileWriter(start);
      // It was too late: this process has begun to count for itself.
      if (this.#isHanging) return;
      if (!mayBecomeStateFile(start)) {
        const remedy = 'Name a file that only the exporter writes, or move this one away.';
        const message = 'what lies there is not a state file, and is not replaced; counters start at 0';
        return logger.warn(this.#failing({ remedy }), message);
      }
      const content = parseStateFile(text);
      if ('fault' in content) return await this.#setAside(content.fault);
      const { savedAt, ledgers, diagnosis } = content;
      // This machine's clock may have been set since, or be wrong now: the API's clock decides, once it is known.
      const isOld = !isWithinAnHour(savedAt, clock.now());
      for (const [id, ledger] of ledgers) {
        // What another shard has counted since would count twice.
        if (!isOwn(id)) continue;
        this.#kept.set(id, { ledger: isOld ? { ...ledger, isOld } : ledger, text: null, leftAt: clock.monotonic() });
      }
      if (Math.abs(clock.now() - savedAt) <= VERDICTS_MS) this.#diagnosis = diagnosis;
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return;
      this.#writerBefore = undefined;
      this.#failed(errorText(error), READ_REMEDY);
    }
  }

  /** A file that cannot be set aside stays as it is, and nothing is written. */
  async #setAside(fault: string): Promise<void> {
    const aside = `${this.#path}.corrupt`;
    try {
      await this.#deps.disk.rename(this.#path, aside);
      const fields = { detail: fault, kept_as: aside, remedy: 'Check the disk, and what else writes there.' };
      const message = 'the state file cannot be used and is set aside; counters start at 0';
      this.#deps.logger.warn(this.#failing(fields), message);
    } catch (error) {
      this.#failed(`${fault}; it cannot be set aside: ${errorText(error)}`, 'Move the file away, and start again.');
      this.#isClosed = true;
    }
  }

  /** Resolves when everything that is known now is written, or could not be, or the disk does not answer. */
  #written(): Promise<void> {
    if (this.#next === null) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#next = promise;
      this.#waiting.add(resolve);
      this.#last = this.#last.then(async () => {
        await this.#write();
        this.#waiting.delete(resolve);
        resolve();
      });
    }
    return this.#isHanging ? Promise.resolve() : this.#next;
  }

  #writeLater(): void {
    this.#cancelLater ??= this.#deps.clock.setTimer(LATER_MS, () => void this.#written());
  }

  async #write(): Promise<void> {
    const { clock } = this.#deps;
    const restMs = this.#isClosing ? 0 : this.#lastWriteAt + APART_MS - clock.monotonic();
    if (restMs > 0) await sleep(clock, restMs);
    this.#lastWriteAt = clock.monotonic();
    this.#next = null;
    this.#cancelLater?.();
    this.#cancelLater = null;
    if (!this.#isClosed) await this.#step(WRITE_REMEDY, () => this.#replace(this.#text()));
  }

  /** One step of the disk. If that takes too long, nobody waits for it any more. */
  async #step(remedy: string, step: () => Promise<void>): Promise<void> {
    const cancel = this.#deps.clock.setTimer(HANGING_MS, () => {
      this.#isHanging = true;
      this.#failed(`the disk has not answered within ${HANGING_MS / 1000} s`, remedy);
      for (const resolve of this.#waiting) resolve();
    });
    await step();
    cancel();
    this.#isHanging = false;
  }

  #text(): string {
    const { instance, clock } = this.#deps;
    const now = clock.monotonic();
    for (const [id, { leftAt }] of this.#kept) if (leftAt !== null && now - leftAt > LEFT_MS) this.#kept.delete(id);
    const texts = Array.from(this.#kept, ([id, kept]): [string, string] => {
      kept.text ??= formatLedger(kept.ledger);
      return [id, kept.text];
    });
    return formatStateFile({ instance, savedAt: clock.now(), diagnosis: this.#memory() }, texts);
  }

  async #replace(text: string): Promise<void> {
    let isOwn = false;
    try {
      isOwn = await this.#isOwn();
      if (!isOwn) return this.#usurped();
      await this.#deps.disk.replace(this.#path, text);
      this.#succeeded();
    } catch (error) {
      this.#failed(errorText(error), WRITE_REMEDY);
      if (isOwn) await this.#remove();
    }
  }

  /** Whether this process may replace what lies there. @throws if it cannot be read, or is not a state file */
  async #isOwn(): Promise<boolean> {
    const { disk, instance } = this.#deps;
    try {
      const start = await disk.readStart(this.#path, STATE_FILE_START_BYTES);
      if (!mayBecomeStateFile(start)) throw new Error('what lies there now is not a state file, and is not replaced');
      const writer = stateFileWriter(start);
      // Left as it is, one that could not be read would give the next process counters that this one began anew.
      if (this.#writerBefore === undefined) this.#writerBefore = writer;
      return writer === null || writer === instance || writer === this.#writerBefore;
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
      return true;
    }
  }

  /** A file that is behind what is published would make counters go down, and count twice. */
  async #remove(): Promise<void> {
    const { disk, logger } = this.#deps;
    try {
      await disk.unlink(this.#path);
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return;
      const fields = this.#failing({ detail: errorText(error), remedy: 'Remove the file before the next start.' });
      logger.error(fields, 'the state file is outdated and cannot be removed; counters may go down after a restart');
    }
  }

  #succeeded(): void {
    this.#goodWrites++;
    if (this.#ok === false) {
      // It must prove that it works again, and there may be nothing new to write for a long time.
      if (this.#goodWrites < WRITES_TO_RECOVER) return void this.#written();
      const fields = { event: 'state_file.recovered', path: this.#path };
      this.#deps.logger.info(fields, 'the state file can be written again');
    }
    this.#setOk(true);
  }

  /** Logged once per outage. */
  #failed(detail: string, remedy: string): void {
    const fields = this.#failing({ detail, remedy });
    const message = 'the state file cannot be used; counters start at 0 after a restart';
    if (this.#ok !== false) this.#deps.logger.error(fields, message);
    this.#setOk(false);
    this.#writeLater();
  }

  #usurped(): void {
    const fields = this.#failing({ remedy: 'Give each process a state_file of its own.' });
    this.#deps.logger.error(fields, 'another process writes the state file; this one stops writing it');
    this.#setOk(false);
    this.#isClosed = true;
  }

  #failing(fields: LogFields) {
    return { event: 'state_file.failing', path: this.#path, ...fields };
  }

  #setOk(ok: boolean): void {
    if (!ok) this.#goodWrites = 0;
    if (ok !== this.#ok) this.#deps.onOk(ok);
    this.#ok = ok;
  }
}
