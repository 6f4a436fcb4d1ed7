import type { CancelTimer } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import type { Ledger } from '../lifecycle/ledger.ts';
import type { LedgerChange } from '../lifecycle/ledger-change.ts';
import { formatLedger, formatStateFile } from './format.ts';
import type { StateFileDeps } from './port.ts';
import { StateFileStorage } from './storage.ts';

/** At most one write in this time. */
const APART_MS = 1000;
/** Environments that are not watched are kept for this long: discovery may take its time, and lose one for a round. */
const UNCLAIMED_MS = 3_600_000;
/** A disk that does not answer must not keep the lists from being published. */
const HANGING_MS = 10_000;
/** What was only seen is written after this at the latest: after an hour the next process takes the file for old. */
const SEEN_MS = 600_000;

/** Writes one file for all environments; those who wait for a write share it. */
export class StateFileWriter {
  readonly #deps: StateFileDeps;
  readonly #storage: StateFileStorage;
  readonly #ledgers: Map<string, Ledger>;
  /** Since when nobody watches these (monotonic). */
  readonly #unclaimed: Map<string, number>;
  #waiting: Array<() => void> = [];
  /** The file lacks something. */
  #isBehind = false;
  /** The file lacks something that it must have soon. */
  #isDue = false;
  /** Most environments are the same from one write to the next. */
  readonly #texts = new WeakMap<Ledger, string>();
  /** Resolves when the write under way has ended, or hangs. */
  #writing: Promise<void> | null = null;
  #hangs = false;
  readonly #openedAt: number;
  #lastWriteAt = Number.NEGATIVE_INFINITY;
  #cancelTimer: CancelTimer | null = null;
  #ok: boolean | null = null;
  #usurped = false;
  #closed = false;

  constructor(deps: StateFileDeps, from: { ledgers: ReadonlyMap<string, Ledger>; instanceBefore: string | null }) {
    const now = deps.clock.monotonic();
    this.#deps = deps;
    this.#openedAt = now;
    this.#storage = new StateFileStorage(deps, from.instanceBefore);
    this.#ledgers = new Map(from.ledgers);
    this.#unclaimed = new Map([...from.ledgers.keys()].map((id) => [id, now]));
  }

  /** Proves that the file can be written, before anything is published that it gave back. Returns whether it can. */
  async open(): Promise<boolean> {
    this.#isBehind = true;
    await this.#write();
    // Whoever counts first need not wait for the second to pass.
    this.#lastWriteAt = Number.NEGATIVE_INFINITY;
    if (this.#ok !== true) for (const id of [...this.#ledgers.keys()]) this.#drop(id);
    return this.#ok === true;
  }

  /** What is known of an environment that begins to be watched, or is watched again. */
  resume(environmentId: string): Ledger | undefined {
    return this.#ledgers.get(environmentId);
  }

  keep(environmentId: string, ledger: Ledger, change: LedgerChange): Promise<void> {
    if (this.#usurped || this.#closed) return Promise.resolve();
    this.#ledgers.set(environmentId, ledger);
    this.#unclaimed.delete(environmentId);
    this.#isBehind = true;
    const isLate = this.#deps.clock.monotonic() - Math.max(this.#lastWriteAt, this.#openedAt) >= SEEN_MS;
    this.#isDue ||= change !== 'seen' || isLate || this.#ok !== true;
    const waits = change === 'counted' && !this.#hangs;
    const kept = waits ? new Promise<void>((resolve) => this.#waiting.push(resolve)) : Promise.resolve();
    this.#schedule();
    return kept;
  }

  forget(environmentId: string): void {
    if (this.#ledgers.has(environmentId)) this.#unclaimed.set(environmentId, this.#deps.clock.monotonic());
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    await this.#writing;
    if (this.#isBehind && !this.#usurped && !this.#hangs) await this.#write();
  }

  #schedule(): void {
    if (this.#writing !== null || this.#cancelTimer !== null || !this.#isDue || this.#closed || this.#hangs) return;
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

  #drop(environmentId: string): void {
    this.#ledgers.delete(environmentId);
    this.#unclaimed.delete(environmentId);
  }

  /** Resolves when the write has ended, or after `HANGING_MS` while it goes on by itself. Never rejects. */
  #write(): Promise<void> {
    const { clock, instance } = this.#deps;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#lastWriteAt = clock.monotonic();
    for (const [id, since] of this.#unclaimed) if (this.#lastWriteAt - since > UNCLAIMED_MS) this.#drop(id);
    this.#isBehind = false;
    this.#isDue = false;
    // Taken before the first wait: whoever comes later is in the next write.
    const content = { instance, savedAt: clock.now(), ledgers: this.#ledgers };
    const text = formatStateFile(content, (ledger) => this.#textOf(ledger));
    const { promise, resolve } = Promise.withResolvers<void>();
    const release = () => {
      for (const each of waiting) each();
      resolve();
    };
    const cancel = clock.setTimer(HANGING_MS, () => {
      this.#hangs = true;
      this.#failed(`it is not written after ${HANGING_MS / 1000} s`);
      release();
    });
    void this.#store(text).then(() => {
      cancel();
      release();
      this.#schedule();
    });
    return promise;
  }

  async #store(text: string): Promise<void> {
    const { path, logger } = this.#deps;
    try {
      const written = await this.#storage.write(text);
      if (!written) {
        this.#usurped = true;
        const remedy = 'Give each process a state_file of its own.';
        const fields = { event: 'state_file.failing', path, remedy };
        logger.error(fields, 'another process writes the state file; it is left to it');
        this.#setOk(false);
      } else if (this.#hangs) {
        // It came too late: more has been published since.
        await this.#discard();
        this.#isDue = true;
      } else {
        if (this.#ok === false) logger.info({ event: 'state_file.recovered', path }, 'the state file is written again');
        this.#setOk(true);
      }
    } catch (error) {
      this.#failed(errorText(error));
      await this.#discard();
    } finally {
      this.#hangs = false;
    }
  }

  #failed(detail: string): void {
    const { path, logger } = this.#deps;
    if (this.#ok !== false) {
      const remedy = 'Make the directory writable and see that the disk has space.';
      const fields = { event: 'state_file.failing', path, detail, remedy };
      logger.error(fields, 'the state file cannot be written; counters will start at 0 after a restart');
    }
    this.#setOk(false);
    this.#isBehind = true;
  }

  async #discard(): Promise<void> {
    const { path, logger } = this.#deps;
    this.#isBehind = true;
    try {
      await this.#storage.discard();
    } catch (error) {
      const remedy = 'Take the file away before the next start.';
      const fields = { event: 'state_file.failing', path, detail: errorText(error), remedy };
      logger.error(fields, 'the state file is behind and cannot be taken away; counters may go down after a restart');
    }
  }

  #textOf(ledger: Ledger): string {
    const text = this.#texts.get(ledger) ?? formatLedger(ledger);
    this.#texts.set(ledger, text);
    return text;
  }

  #setOk(ok: boolean): void {
    if (ok !== this.#ok) this.#deps.onOk?.(ok);
    this.#ok = ok;
  }
}
