import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** Imports of files of the checkout, of types too, and wherever the line begins. */
const IMPORT = /\b(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g;

/** The file and all that it imports, directly or through another one. */
export function importedFiles(path: string): readonly string[] {
  const found = new Set([path]);
  // Iterating over a set also visits elements added meanwhile.
  for (const one of found) {
    if (!one.endsWith('.ts')) continue;
    for (const [, target] of readFileSync(one, 'utf8').matchAll(IMPORT)) found.add(resolve(one, '..', target!));
  }
  return [...found];
}
