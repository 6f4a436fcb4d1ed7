import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Finding } from './finding.ts';

const KNIP = resolve(import.meta.dirname, '../../node_modules/knip/bin/knip.js');

/** What knip says of one file. */
interface Report {
  readonly issues: readonly {
    readonly file: string;
    readonly files?: readonly unknown[];
    readonly exports?: readonly { readonly name: string }[];
    readonly types?: readonly { readonly name: string }[];
  }[];
}

/**
 * Exports and files that the program itself does not use, but only tests, or nothing at all. An export that its own file uses,
 * too, is no finding: a test may call a function by itself.
 */
export async function unusedFindings(root: string): Promise<readonly Finding[]> {
  const args = ['--production', '--include', 'files,exports,types', '--reporter', 'json', '--no-exit-code'];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [KNIP, '--no-progress', '--directory', root, ...args],
    {
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  const { issues } = JSON.parse(stdout) as Report;
  return issues.flatMap(({ file, files = [], exports = [], types = [] }): Finding[] => [
    ...files.map(() => ({ kind: 'test-only', where: file, detail: 'nothing of the program imports it' }) as const),
    ...[...exports, ...types].map(
      ({ name }) =>
        ({ kind: 'test-only', where: `${file} ${name}`, detail: 'nothing of the program uses it' }) as const,
    ),
  ]);
}
