import type { LogEvent, LogFields } from '../base/logger.ts';
import type { StateFileDeps } from './port.ts';

/** This many writes in a row must succeed before a failing file counts as working, so that it does not flap. */
const WRITES_TO_RECOVER = 3;

/** Logs what a person should know about the state file, once, and tracks whether it can be written. */
export class StateFileLog {
  readonly #deps: Pick<StateFileDeps, 'path' | 'logger' | 'onOk'>;
  #ok: boolean | null = null;
  /** Successful writes since the last failure. */
  #goodWrites = 0;
  /** Whether it was said in this outage that the outdated file stays. */
  #saidToStay = false;

  constructor(deps: Pick<StateFileDeps, 'path' | 'logger' | 'onOk'>) {
    this.#deps = deps;
  }

  /** Whether the last writes succeeded; null before the first has ended. */
  get ok(): boolean | null {
    return this.#ok;
  }

  cannotRead(detail: string): void {
    const remedy = 'Check the disk and the owner of the file, which is replaced once it can be read.';
    this.#deps.logger.warn(this.#failing({ detail, remedy }), 'the state file cannot be read; counters start at 0');
  }

  isOtherFile(): void {
    const fields = this.#failing({ remedy: 'Name a file that only the exporter writes, or move this one away.' });
    this.#deps.logger.warn(fields, 'what lies there is not a state file, and is not replaced; counters start at 0');
  }

  setAside(detail: string, { aside, remedy }: { readonly aside: string; readonly remedy: string | null }): void {
    const fields = this.#failing({ detail, kept_as: aside, remedy });
    this.#deps.logger.warn(fields, 'the state file cannot be used and is set aside; counters start at 0');
  }

  cannotSetAside(detail: string, aside: string): void {
    const fields = this.#failing({ detail, remedy: `Move away what lies at ${aside}.` });
    this.#deps.logger.warn(fields, 'the state file cannot be used and is replaced; counters start at 0');
  }

  written(): void {
    const { path, logger } = this.#deps;
    this.#goodWrites++;
    if (this.#ok === false && this.#goodWrites < WRITES_TO_RECOVER) return;
    if (this.#ok === false) logger.info({ event: 'state_file.recovered', path }, 'the state file can be written again');
    this.#setOk(true);
  }

  /** Logged once per outage. */
  cannotWrite(detail: string): void {
    const remedy = /^E[MN]FILE\b/.test(detail)
      ? 'Raise the limit on open files (ulimit -n).'
      : 'Check that the directory exists and is writable, that the file can be read, and that the disk has space.';
    if (this.#ok !== false) {
      const fields = this.#failing({ detail, remedy });
      this.#deps.logger.error(fields, 'the state file cannot be written; counters will start at 0 after a restart');
    }
    this.#setOk(false);
  }

  /** Logged once per outage: on a disk that became read-only, each write of a second fails like this. */
  cannotDiscard(detail: string): void {
    if (this.#saidToStay) return;
    this.#saidToStay = true;
    this.#deps.logger.error(
      this.#failing({ detail, remedy: 'Remove the file before the next start.' }),
      'the state file is outdated and cannot be removed; counters may go down after a restart',
    );
  }

  usurped(): void {
    const fields = this.#failing({ remedy: 'Give each process a state_file of its own.' });
    this.#deps.logger.error(fields, 'another process writes the state file; this one stops writing it');
    this.#setOk(false);
  }

  #failing(fields: LogFields): LogEvent {
    return { event: 'state_file.failing', path: this.#deps.path, ...fields };
  }

  #setOk(ok: boolean): void {
    if (ok) this.#saidToStay = false;
    else this.#goodWrites = 0;
    if (ok !== this.#ok) this.#deps.onOk?.(ok);
    this.#ok = ok;
  }
}
