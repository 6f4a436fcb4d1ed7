import type { EpochMs } from '../base/clock.ts';
import { errorText, systemErrorCode } from '../base/errors.ts';
import { mayBecomeStateFile, STATE_FILE_START_BYTES, stateFileWriter } from '../domain/state-file-start.ts';
import { isWithinAnHour, type Ledger } from '../lifecycle/ledger.ts';
import type { LedgerChange } from '../lifecycle/ledger-change.ts';
import { FirstSteps } from './first-steps.ts';
import type { StateFileContent } from './format.ts';
import { parseStateFile, StateFileError } from './parse-state-file.ts';
import type { StateFileDeps } from './port.ts';
import { StateFileLog } from './state-file-log.ts';
import { StateFileWriter } from './writer.ts';

/** Keeps counters over a restart: docs/design/counting.md#the-state-file. */
export interface StateFile {
  /** What was counted for an environment by the previous process, or before the environment was lost for a while. */
  resume(environmentId: string): Ledger | undefined;
  /**
   * Resolves when `ledger` may be published. If it has `counted`, it is on the disk by then, or writing failed and the
   * file is marked as outdated; what was `learned` is written soon, and what was `seen` with the next write or at the
   * end. Never rejects.
   */
  save(environmentId: string, ledger: Ledger, change: LedgerChange): Promise<void>;
  /** What the diagnosis of the previous process remembered, if that was lately; null otherwise. Whoever recalls it checks it. */
  readonly diagnosis: unknown;
  /** From now on the file remembers this, and soon if it has news. It is asked for at the next write, and becomes JSON. */
  saveDiagnosis(memory: () => unknown, hasNews: boolean): void;
  /** The environment is no longer watched; if it returns within an hour, its counters go on. */
  forget(environmentId: string): void;
  /** Writes what is pending, and nothing afterwards. */
  close(): Promise<void>;
}

/** A watermark W in the future: everything up to the first read is history, since the poller moves such a W back to then. */
const UNTIL_FIRST_READ: EpochMs = Number.MAX_SAFE_INTEGER;
/** Verdicts of longer ago say nothing of now: everything is judged again within minutes. */
const VERDICTS_MS = 1_800_000;
/** A write takes seconds: an older temporary file was abandoned. */
const ABANDONED_MS = 3_600_000;

/**
 * Reads the file, if it is usable, and writes it once. A file that cannot be written is not used: it would fall behind
 * what is published from then on. Never throws: a bad file is set aside.
 */
export async function openStateFile(given: StateFileDeps): Promise<StateFile> {
  const { clock, files } = given;
  const steps = new FirstSteps(clock);
  await steps.probe(files.readStart(given.path, STATE_FILE_START_BYTES));
  const path = await steps.unlessItHangs(() => files.resolve(given.path), given.path);
  const deps = { ...given, path };
  await steps.unlessItHangs(() => files.removeAbandoned(path, clock.now() - ABANDONED_MS), undefined);
  const log = new StateFileLog(deps);
  const found = await readContent(deps, { log, steps });
  const content = found === 'unread' ? null : found;
  const isCompared = given.isOfOtherDivision ?? (() => false);
  const isOutdated = await steps.unlessItHangs(() => files.hasNewerSibling(given.path, isCompared), false);
  const isOwn = isOutdated ? () => false : given.isOwn;
  const ledgers = new Map<string, Ledger>();
  for (const each of content?.ledgers ?? []) ledgers.set(each[0], resumed(each, content!, { clock, isOwn }));
  const isRecent = content !== null && !isOutdated && Math.abs(clock.now() - content.savedAt) <= VERDICTS_MS;
  const diagnosis = isRecent ? (content.diagnosis ?? null) : null;
  const writer = new StateFileWriter(
    { ...deps, log },
    { ledgers, diagnosis, instance: content?.instance ?? null, isUnread: found === 'unread' },
  );
  const opening = writer.open();
  // Of a file that was not read nothing is published, so it need not be proved first that it can be written.
  await (found === 'unread' ? steps.orTooLate(opening, undefined) : opening);
  return {
    resume: (id) => writer.resume(id),
    save: (id, ledger, change) => writer.save(id, ledger, change),
    diagnosis: diagnosis === null ? null : JSON.parse(diagnosis),
    saveDiagnosis: (memory, hasNews) => writer.saveDiagnosis(memory, hasNews),
    forget: (id) => writer.forget(id),
    close: () => writer.close(),
  };
}

/**
 * The ledger of an environment to go on from. If the file is old by this machine's clock: its totals, with the whole of it for
 * the case that the API's clock says otherwise.
 */
function resumed(
  [id, ledger]: readonly [string, Ledger],
  { savedAt }: StateFileContent,
  { clock, isOwn = () => true }: Pick<StateFileDeps, 'clock'> & { readonly isOwn: StateFileDeps['isOwn'] | undefined },
): Ledger {
  const history = { ...ledger, settledUntil: UNTIL_FIRST_READ, items: new Map(), provenFullScans: 0 };
  // What happens while another shard watches an environment is counted there, until this one watches it again.
  if (!isOwn(id)) return history;
  // This machine's clock may have been set since, or be wrong now: the API's clock decides, once it is known.
  return isWithinAnHour(savedAt, clock.now()) ? ledger : { ...history, resumeIfRecent: ledger };
}

async function readContent(
  { path, files, clock }: StateFileDeps,
  { log, steps }: { readonly log: StateFileLog; readonly steps: FirstSteps },
): Promise<StateFileContent | 'unread' | null> {
  let start = '';
  try {
    const { patienceMs } = steps;
    const text = await steps.orTooLate(files.read(path), null);
    if (text === null) throw new Error(`it does not answer: nothing was read within ${patienceMs / 1000} s`);
    start = text.slice(0, STATE_FILE_START_BYTES);
    if (mayBecomeStateFile(start)) return parseStateFile(text);
    // Another program's file: neither moved nor replaced.
    log.isOtherFile();
    return null;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null;
    if (!(error instanceof StateFileError)) {
      log.cannotRead(errorText(error));
      return 'unread';
    }
    const aside = `${path}.${error.code === 'state_file_newer' ? 'newer' : 'corrupt'}`;
    if (await moveAside(files, path, aside)) {
      log.setAside(errorText(error), { aside, remedy: error.remedy });
      return null;
    }
    log.cannotSetAside(errorText(error), aside);
    // The writer is returned, so that the first write may replace the file.
    return { instance: stateFileWriter(start) ?? '', savedAt: clock.now(), ledgers: new Map() };
  }
}

/**
 * Renames a state file that cannot be used, over an older one of its kind if there is one. Returns whether that succeeded: it
 * does not if any other file lies there. Never throws.
 */
async function moveAside(files: StateFileDeps['files'], path: string, aside: string): Promise<boolean> {
  try {
    const there = await files.readStart(aside, STATE_FILE_START_BYTES).catch((error: unknown) => {
      if (systemErrorCode(error) === 'ENOENT') return '';
      throw error;
    });
    if (!mayBecomeStateFile(there)) return false;
    await files.rename(path, aside);
    return true;
  } catch {
    return false;
  }
}
