import type { CancelTimer } from '../base/clock.ts';
import type { Ledger } from '../lifecycle/ledger.ts';
import type { LedgerChange } from '../lifecycle/ledger-change.ts';
import { KeptLedgers } from './kept-ledgers.ts';
import { LoggedStorage } from './logged-storage.ts';
import type { StateFileDeps } from './port.ts';
import type { StateFileLog } from './state-file-log.ts';
import { type OwnerBefore, StateFileStorage } from './storage.ts';
import { type Behind, nextWriterState, takesChanges, type WriterEvent, type WriterState } from './writer-state.ts';

/** At most one write in this time. */
const APART_MS = 1000;
/** A disk that does not answer must not delay publishing the lists. */
const HANGING_MS = 10_000;
/**
 * What was only `seen` is written after this time at the latest: after an hour the next process considers the file old.
 */
const SEEN_MS = 600_000;

export interface WriterDeps extends StateFileDeps {
  readonly log: StateFileLog;
}

/** What the file held at the start. */
export interface FileBefore extends OwnerBefore {
  readonly ledgers: ReadonlyMap<string, Ledger>;
  /** JSON; null if there was none. */
  readonly diagnosis: string | null;
}

/** Writes one file for all environments; all callers that wait for a write share it. */
export class StateFileWriter {
  readonly #deps: WriterDeps;
  readonly #storage: LoggedStorage;
  readonly #kept: KeptLedgers;
  readonly #openedAt: number;
  readonly #isUnread: boolean;
  #state: WriterState = { is: 'idle' };
  #behind: Behind = 'nothing';
  /** JSON; made at a write, since there may be fewer of them than looks. */
  #diagnosis: () => string | null;
  /** Callers that wait for the next write. */
  readonly #waiting: Array<() => void> = [];
  #lastWriteAt = Number.NEGATIVE_INFINITY;
  #cancelRest: CancelTimer = () => {};
  /** Resolves when the last write that has begun has ended, or hangs. */
  #released: Promise<void> = Promise.resolve();

  constructor(deps: WriterDeps, before: FileBefore) {
    this.#deps = deps;
    this.#openedAt = deps.clock.monotonic();
    this.#isUnread = before.isUnread;
    this.#diagnosis = () => before.diagnosis;
    this.#storage = new LoggedStorage(new StateFileStorage(deps, before), deps.log);
    this.#kept = new KeptLedgers(before.ledgers, this.#openedAt);
  }

  /** Proves that the file can be written before anything from it is published. */
  async open(): Promise<void> {
    this.#changed('soon');
    await this.#released;
    // The first count need not wait a second.
    this.#lastWriteAt = Number.NEGATIVE_INFINITY;
    // If nothing was read, what is kept by now is this process's own.
    if (this.#deps.log.ok !== true && !this.#isUnread) this.#kept.clear();
  }

  /** What is known of an environment that is watched for the first time, or again. */
  resume(environmentId: string): Ledger | undefined {
    return this.#kept.resume(environmentId);
  }

  /** As that of `StateFile`. */
  save(environmentId: string, ledger: Ledger, change: LedgerChange): Promise<void> {
    if (!takesChanges(this.#state)) return Promise.resolve();
    this.#kept.keep(environmentId, ledger);
    const waits = change === 'counted' && this.#state.is !== 'hanging';
    const written = waits ? new Promise<void>((resolve) => this.#waiting.push(resolve)) : Promise.resolve();
    this.#changed(change !== 'seen' || this.#mustWrite ? 'soon' : 'later');
    return written;
  }

  /** As that of `StateFile`. */
  saveDiagnosis(memory: () => unknown, hasNews: boolean): void {
    if (!takesChanges(this.#state)) return;
    let text: string | null = null;
    this.#diagnosis = () => {
      text ??= JSON.stringify(memory());
      return text;
    };
    this.#changed(hasNews || this.#mustWrite ? 'soon' : 'later');
  }

  forget(environmentId: string): void {
    this.#kept.markUnwatched(environmentId, this.#deps.clock.monotonic());
  }

  async close(): Promise<void> {
    this.#enter({ on: 'close', behind: this.#behind });
    while (this.#state.is === 'writing') await this.#released;
  }

  #changed(behind: Exclude<Behind, 'nothing'>): void {
    this.#fallBehind(behind);
    this.#enter({ on: 'changed', behind: this.#behind, mustRest: this.#restMs() > 0 });
  }

  /** Nothing was written for long, or the last write failed. */
  get #mustWrite(): boolean {
    const { clock, log } = this.#deps;
    return log.ok !== true || clock.monotonic() - Math.max(this.#lastWriteAt, this.#openedAt) >= SEEN_MS;
  }

  #fallBehind(behind: Behind): void {
    if (behind === 'soon' || this.#behind === 'nothing') this.#behind = behind;
  }

  #restMs(): number {
    return this.#lastWriteAt + APART_MS - this.#deps.clock.monotonic();
  }

  /** Enters the next state and does what belongs to it. */
  #enter(event: WriterEvent): void {
    const before = this.#state;
    this.#state = nextWriterState(before, event);
    if (this.#state === before) return;
    this.#cancelRest();
    if (this.#state.is === 'resting') {
      this.#cancelRest = this.#deps.clock.setTimer(this.#restMs(), () => this.#enter({ on: 'rested' }));
    }
    // Callers that came during a write are released, because there may never be another write.
    if (this.#state.is === 'hanging' || this.#state.is === 'usurped') this.#resolveAll(this.#takeWaiting());
    // Only a state that was entered from elsewhere, or after a write has ended, begins a new write.
    const begins = this.#state.is === 'writing' && (before.is !== 'writing' || event.on === 'ended');
    if (begins) this.#released = this.#write();
  }

  /** Resolves when the write has ended, or after `HANGING_MS` while it continues in the background. Never rejects. */
  #write(): Promise<void> {
    const { clock, instance } = this.#deps;
    const waiting = this.#takeWaiting();
    this.#behind = 'nothing';
    this.#lastWriteAt = clock.monotonic();
    this.#kept.dropLongUnwatched(this.#lastWriteAt);
    // Taken before the first await: later changes belong to the next write.
    const text = this.#kept.text({ instance, savedAt: clock.now(), diagnosis: this.#diagnosis() });
    const { promise, resolve } = Promise.withResolvers<void>();
    const release = () => {
      this.#resolveAll(waiting);
      resolve();
    };
    const cancel = clock.setTimer(HANGING_MS, () => {
      this.#deps.log.cannotWrite(`it was not written within ${HANGING_MS / 1000} s`);
      this.#enter({ on: 'hung' });
      release();
    });
    // What hangs is late when it ends: more has been published since.
    void this.#storage
      .write(text, () => this.#state.is === 'hanging')
      .then((behind) => {
        cancel();
        release();
        if (behind === 'usurped') this.#enter({ on: 'usurped' });
        else this.#fallBehind(behind);
        this.#enter({ on: 'ended', behind: this.#behind, mustRest: this.#restMs() > 0 });
      });
    return promise;
  }

  #takeWaiting(): readonly (() => void)[] {
    return this.#waiting.splice(0);
  }

  #resolveAll(waiting: readonly (() => void)[]): void {
    for (const each of waiting) each();
  }
}
