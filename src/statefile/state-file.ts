import type { Clock } from '../base/clock.ts';
import { errorText, systemErrorCode } from '../base/errors.ts';
import { mayBecomeStateFile, STATE_FILE_START_BYTES } from '../domain/state-file-start.ts';
import type { Ledger } from '../lifecycle/ledger.ts';
import type { LedgerChange } from '../lifecycle/ledger-change.ts';
import { parseStateFile, type StateFileContent, StateFileError } from './format.ts';
import type { StateFileDeps } from './port.ts';
import { StateFileLog } from './state-file-log.ts';
import { StateFileWriter } from './writer.ts';

/** Keeps what was counted over a restart: docs/design/counting.md#the-state-file. */
export interface StateFile {
  /**
   * What was counted for an environment by the process before this one, or before the environment was lost for a while.
   */
  resume(environmentId: string): Ledger | undefined;
  /**
   * Resolves when `ledger` may be published. One that has `counted` is on the disk then, or writing failed and the file
   * is gone; what was `learned` is written soon, and what was `seen` with the next write or at the end. Never rejects.
   */
  keep(environmentId: string, ledger: Ledger, change: LedgerChange): Promise<void>;
  /** The environment is watched no more; should it come back within an hour, its counters go on. */
  forget(environmentId: string): void;
  /** Writes what waits to be written, and nothing from then on. */
  close(): Promise<void>;
}

/** Counters of a file that is older go on, but what happened meanwhile is history. */
const OLD_MS = 3_600_000;
/** A write takes seconds: a temporary file that is older belongs to nobody any more. */
const ABANDONED_MS = 3_600_000;
/** A disk that does not answer must not keep the exporter from starting; each of the first steps may take so long. */
const FIRST_STEP_MS = 10_000;

/**
 * Reads the file, if there is one that can be used, and writes it once: one that cannot be written gives nothing back,
 * since it would be behind what is published from then on. Never throws: a bad file is set aside.
 */
export async function openStateFile(given: StateFileDeps): Promise<StateFile> {
  const { clock, files } = given;
  const path = await soon(files.resolve(given.path), { clock, otherwise: given.path });
  const deps = { ...given, path };
  await soon(files.tidy(path, clock.now() - ABANDONED_MS), { clock, otherwise: undefined });
  const log = new StateFileLog(deps);
  const content = await readContent(deps, log);
  const ledgers = new Map<string, Ledger>();
  for (const [id, ledger] of content?.ledgers ?? []) ledgers.set(id, resumed(ledger, content!, deps));
  const writer = new StateFileWriter({ ...deps, log }, { ledgers, instance: content?.instance ?? null });
  await writer.open();
  return {
    resume: (id) => writer.resume(id),
    keep: (id, ledger, change) => writer.keep(id, ledger, change),
    forget: (id) => writer.forget(id),
    close: () => writer.close(),
  };
}

/** What `step` gives, or the other after a while; then the step goes on by itself. */
async function soon<T>(
  step: Promise<T>,
  { clock, otherwise }: { readonly clock: Clock; readonly otherwise: T },
): Promise<T> {
  const late = Promise.withResolvers<T>();
  const cancel = clock.setTimer(FIRST_STEP_MS, () => late.resolve(otherwise));
  return await Promise.race([step, late.promise]).finally(cancel);
}

function resumed(ledger: Ledger, { savedAt }: StateFileContent, { clock }: StateFileDeps): Ledger {
  const now = clock.now();
  // A file from the future was written while the clock was wrong, and what it holds of times is wrong, too.
  if (Math.abs(now - savedAt) <= OLD_MS) return ledger;
  return { ...ledger, settledUntil: now, items: new Map(), provenFullScans: 0 };
}

async function readContent({ path, files, clock }: StateFileDeps, log: StateFileLog): Promise<StateFileContent | null> {
  try {
    const text = await soon(files.read(path), { clock, otherwise: null });
    if (text === null) throw new Error(`it does not answer: nothing was read within ${FIRST_STEP_MS / 1000} s`);
    // Somebody else's, whatever it is: neither moved nor replaced.
    if (!mayBecomeStateFile(text.slice(0, STATE_FILE_START_BYTES))) throw new Error('it is not a state file');
    return parseStateFile(text);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null;
    if (!(error instanceof StateFileError)) {
      log.cannotRead(errorText(error));
      return null;
    }
    const aside = `${path}.${error.code === 'state_file_newer' ? 'newer' : 'corrupt'}`;
    log.setAside(errorText(error), aside);
    // If this fails too, the first write replaces it.
    await files.rename(path, aside).catch(() => {});
    return null;
  }
}
