import { dirname } from 'node:path';
import type { Finding } from './finding.ts';
import type { SourceFile } from './source-files.ts';

const MOST_LINES = 200;
const FEWEST_LINES = 25;

/** Files that are too long to be read in one go, or too short to be worth a file. */
export function sizeFindings(files: readonly SourceFile[]): readonly Finding[] {
  return files.flatMap(({ path, text }): Finding[] => {
    const lines = text.split('\n').length - 1;
    if (lines > MOST_LINES) return [{ kind: 'long', where: path, detail: `${lines} lines` }];
    const users = files.filter(({ imports }) => imports.includes(path));
    const [user] = users;
    const isAlone = users.length === 1 && dirname(user!.path) === dirname(path);
    return lines < FEWEST_LINES && isAlone
      ? [{ kind: 'short', where: path, detail: `${lines} lines, used by ${user!.path}` }]
      : [];
  });
}
