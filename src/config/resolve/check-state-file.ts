import { systemErrorCode } from '../../base/errors.ts';
import { fileFault } from '../../base/files/file-reader.ts';
import { mayBecomeStateFile, STATE_FILE_START_BYTES } from '../../domain/state-file-start.ts';
import type { ResolveContext } from './resolve-context.ts';

const OPTION = ['state_file'];
const REMEDY = 'name a file that only the exporter writes';

/**
 * Rejects a `state_file` at whose path lies anything but a state file or an empty file: it would be replaced. All other
 * files must have been read before.
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
    if (systemErrorCode(error) !== 'ENOENT') report.problem(OPTION, `file ${file} ${fileFault(error)}`, REMEDY);
  }
}

/** Whether an empty file is also read through a link. An empty web configuration, for instance, is a good one. */
async function isReadByAnotherName(file: string, { files, read }: ResolveContext): Promise<boolean> {
  const [own = null, ...others] = (await files.stamps?.([file, ...read])) ?? [];
  return own !== null && others.includes(own);
}
