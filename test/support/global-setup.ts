import { readFileSync, rmSync } from 'node:fs';
import { setUp } from '../tools/set-up.ts';
import { buildProgram } from './built-program.ts';
import { KNOWN_IN_THIS_RUN } from './known-answer.ts';

/** What the machine lacks fails here, before any test could pass by being skipped. */
export default async function setup(): Promise<() => void> {
  setUp('unpack');
  await buildProgram();
  rmSync(KNOWN_IN_THIS_RUN, { force: true });
  return tellWhatWasKnown;
}

/** Nobody should take for a run of a program what was known from an earlier one. */
function tellWhatWasKnown(): void {
  const known = readOr('', KNOWN_IN_THIS_RUN).split('\n').length - 1;
  if (known === 0) return;
  process.stderr.write(
    `${known} answers of promtool, Helm and other programs were known, as the same program had read the same files before. ` +
      'ANSWERS=anew asks for all of them again.\n',
  );
}

function readOr(otherwise: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}
