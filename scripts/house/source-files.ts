import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface SourceFile {
  /** From the root, with `/`. */
  readonly path: string;
  readonly text: string;
  /** Paths of the files that it imports, of types too. */
  readonly imports: readonly string[];
}

const IMPORT = /^(?:import|export)[^'"]*?from '(\.[^']+)'|^import '(\.[^']+)'|import\('(\.[^']+)'\)/gm;

/** Every TypeScript file under `src/` of a tree. */
export function sourceFiles(root: string): readonly SourceFile[] {
  const folder = join(root, 'src');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .toSorted()
    .map((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      const targets = [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3]!);
      const imports = targets.map((target) => resolve('/src', name, '..', target).slice(1));
      return { path: `src/${name}`, text, imports };
    });
}
