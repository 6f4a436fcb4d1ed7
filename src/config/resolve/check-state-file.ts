import { systemErrorCode } from '../../base/errors.ts';
import { fileFault, fileRemedy } from '../../base/files.ts';
import { mayBecomeStateFile, STATE_FILE_START_BYTES } from '../../statefile/ledger-json.ts';
import type { ResolveContext } from './resolve-context.ts';

/** What it means that there is none that can be used. */
export const STATE_FILE_LOSS = 'without a state file counters start at 0 after each restart';
const OPTION = ['state_file'];
const REMEDY = 'name a file that only the exporter writes';
/** What lies at the path, or above it, is no file. Other faults are those of a disk, or of the user that looks. */
const NO_FILE: ReadonlySet<string | null> = new Set(['file_not_regular', 'EISDIR', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

/**
 * Rejects a `state_file` at whose path lies anything but a state file or an empty file: it would be replaced. One that
 * cannot be read is no error: the exporter runs without it, and looks again before it replaces it. All other files must have
 * been read before.
 */
export async function checkStateFile(file: string, context: ResolveContext): Promise<void> {
  const { files, report } = context;
  const isRead = () =>
    report.problem(OPTION, `file ${file} is read as configuration or key, and would be replaced`, REMEDY);
  if (context.read.has(file)) return isRead();
  try {
    const start = Buffer.from(await files.readFile(file, STATE_FILE_START_BYTES)).toString('utf8');
    if (start === '' && (await isReadByAnotherName(file, context))) return isRead();
    if (mayBecomeStateFile(start)) return;
    report.problem(OPTION, `file ${file} is not a state file, and is not replaced`, `${REMEDY}, or move this one away`);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT') return;
    const what = `file ${file} ${fileFault(error)}`;
    if (NO_FILE.has(code)) report.problem(OPTION, what, REMEDY);
    else report.notice(OPTION, `${what}, and ${STATE_FILE_LOSS}`, fileRemedy(error));
  }
}

/** Whether an empty file is also read through a link. An empty web configuration, for instance, is a good one. */
async function isReadByAnotherName(file: string, { files, read }: ResolveContext): Promise<boolean> {
  const own = await files.stamp?.(file);
  for (const path of own === undefined ? [] : read) {
    // Of a file that cannot be looked at, whoever reads it says so.
    const other = await Promise.resolve(files.stamp?.(path)).catch(() => undefined);
    if (other === own) return true;
  }
  return false;
}
