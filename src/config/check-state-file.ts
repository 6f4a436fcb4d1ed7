import { systemErrorCode } from '../base/errors.ts';
import { fileFault } from '../base/files/file-reader.ts';
import { mayBecomeStateFile, STATE_FILE_START_BYTES } from '../domain/state-file-start.ts';
import type { ResolveContext } from './resolve-context.ts';

const OPTION = ['state_file'];
const REMEDY = 'name a file that only the exporter writes';

/** Rejects a `state_file` at whose path lies anything but a state file or an empty file: it would be replaced. */
export async function checkStateFile(file: string, { read, files, report }: ResolveContext): Promise<void> {
  if (read.has(file)) {
    report.problem(OPTION, `file ${file} is read as configuration or key, and would be replaced`, REMEDY);
    return;
  }
  try {
    const start = Buffer.from(await files.readFile(file, STATE_FILE_START_BYTES)).toString('utf8');
    if (mayBecomeStateFile(start)) return;
    report.problem(OPTION, `file ${file} is not a state file, and is not replaced`, `${REMEDY}, or move this one away`);
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') report.problem(OPTION, `file ${file} ${fileFault(error)}`, REMEDY);
  }
}
