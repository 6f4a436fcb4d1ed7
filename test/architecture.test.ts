import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = resolve(import.meta.dirname, '../src');

/** The import table of src/README.md: folder → folders it may import. */
function importTable(): Map<string, ReadonlySet<string>> {
  const table = new Map<string, string>();
  for (const line of readFileSync(join(SRC, 'README.md'), 'utf8').split('\n')) {
    const [, folder, , allowed] = line.split('|').map((cell) => cell.trim());
    if (folder === undefined || allowed === undefined || !/^[a-z]+$/.test(folder) || folder === 'folder') continue;
    table.set(folder, allowed);
  }
  return new Map([...table].map(([folder, allowed]) => [folder, allowedFolders(allowed, [...table.keys()])]));
}

/** Reads a cell: `nothing`, `everything`, `everything but a and b`, or a list of folders. */
function allowedFolders(cell: string, folders: readonly string[]): ReadonlySet<string> {
  if (cell === 'nothing') return new Set();
  if (!cell.startsWith('everything')) return new Set(cell.split(', '));
  const without = cell.replace(/^everything( but )?/, '').split(' and ');
  return new Set(folders.filter((folder) => !without.includes(folder)));
}

function sourceFiles(): string[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(SRC, path));
}

/** The folder of src that a file stands in; '' for main.ts. */
function folderOf(path: string): string {
  const parts = relative(SRC, path).split('/');
  return parts.length > 1 ? parts[0]! : '';
}

const files = sourceFiles().map((path) => ({ path, name: relative(SRC, path), text: readFileSync(path, 'utf8') }));
const IMPORT = /^(?:import|export)[^'"]*?from '(\.[^']+)'|^import '(\.[^']+)'|import\('(\.[^']+)'\)/gm;

describe('the import table of src/README.md', () => {
  const table = importTable();

  it('names every folder of src and no other', () => {
    const folders = readdirSync(SRC, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect([...table.keys()].sort()).toEqual(folders.map(({ name }) => name).sort());
  });

  it.each(files.map(({ name, path, text }) => [name, path, text]))('%s imports only what it may', (_, path, text) => {
    const own = folderOf(path);
    const imported = [...text.matchAll(IMPORT)]
      .map((match) => folderOf(resolve(path, '..', match[1] ?? match[2] ?? match[3]!)))
      .filter((folder) => folder !== own);
    // main.ts is the edge of the process: it may import all, and nothing may import it.
    if (own === '') return;
    expect(imported).not.toContain('');
    const allowed = table.get(own)!;
    expect(imported.filter((folder) => !allowed.has(folder))).toEqual([]);
  });
});

describe('what only the edge of the process may do', () => {
  const inner = files.filter(({ name }) => name !== 'main.ts');

  it.each(inner.map(({ name, text }) => [name, text]))('%s neither exits nor prints', (_, text) => {
    expect(text).not.toMatch(/process\.exit\b|process\.exitCode|console\.|process\.stdout|process\.stderr/);
  });

  it.each(inner.filter(({ name }) => name !== 'base/clock.ts').map(({ name, text }) => [name, text]))(
    '%s takes time and chance as parameters',
    (_, text) => {
      expect(text).not.toMatch(
        /Date\.now\(|performance\.now\(|Math\.random\(|new Date\(\)|\bsetTimeout\(|\bsetInterval\(/,
      );
    },
  );
});
