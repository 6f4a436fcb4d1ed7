import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemErrorCode } from '../../base/errors.ts';
import { hasUnexpanded, UNEXPANDED } from '../../base/files.ts';
import type { Config } from '../../config/config.ts';
import { STATE_FILE_LOSS } from '../../config/resolve/check-state-file.ts';
import { nodeDisk } from '../../statefile/disk.ts';

/** Throws, as Node's `access` does, where the directory is not there or nothing can be written to it. */
type WriteAccess = (directory: string) => Promise<void>;

const nodeAccess: WriteAccess = (directory) => access(directory, constants.W_OK | constants.X_OK);

/**
 * Says that the state file cannot be written where it should lie. No error: the exporter runs without it, and `check`
 * may run on another machine or as another user.
 */
export async function stateFileNotices(
  { stateFile }: Pick<Config, 'stateFile'>,
  writeAccess = nodeAccess,
): Promise<string[]> {
  if (stateFile === null) return [];
  // Each write creates a file beside the one that the links lead to, and renames it.
  const directory = dirname(await nodeDisk.resolve(stateFile));
  try {
    await writeAccess(directory);
    return [];
  } catch (error) {
    const { what, remedy } = faultOf(systemErrorCode(error), hasUnexpanded(error));
    return [`state_file: directory ${directory} ${what}, and ${STATE_FILE_LOSS}; ${remedy}`];
  }
}

const ELSEWHERE = 'name a file in a directory that the exporter may write to';

function faultOf(code: string | null, unexpanded: boolean): { readonly what: string; readonly remedy: string } {
  if (code === 'ENOENT' && unexpanded) return { what: 'does not exist', remedy: UNEXPANDED };
  if (code === 'ENOENT') return { what: 'does not exist', remedy: `create it, or ${ELSEWHERE}` };
  if (code === 'EACCES' || code === 'EPERM') {
    return { what: 'may not be written to by this user', remedy: `check its owner and mode, or ${ELSEWHERE}` };
  }
  if (code === 'EROFS') return { what: 'is on a read-only file system', remedy: ELSEWHERE };
  return { what: `cannot be written to${code === null ? '' : ` (${code})`}`, remedy: ELSEWHERE };
}
