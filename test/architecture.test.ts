import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { circleIn } from '../scripts/house/circles.ts';

const SRC = resolve(import.meta.dirname, '../src');

interface Row {
  readonly may: ReadonlySet<string>;
  /** Whether the row names what it allows. */
  readonly isList: boolean;
}

/** The import table of src/README.md: folder → folders it may import. */
function importTable(): Map<string, Row> {
  const table = new Map<string, string>();
  for (const line of readFileSync(join(SRC, 'README.md'), 'utf8').split('\n')) {
    const [, folder, , allowed] = line.split('|').map((cell) => cell.trim());
    if (folder === undefined || allowed === undefined || !/^[a-z]+(?:\/[a-z]+)*$/.test(folder) || folder === 'folder')
      continue;
    table.set(folder, allowed);
  }
  const folders = [...table.keys()];
  return new Map(
    [...table].map(([folder, cell]) => [
      folder,
      { may: allowedFolders(cell, folders), isList: !cell.startsWith('everything') },
    ]),
  );
}

/** Reads a cell: `nothing`, `everything`, `everything but a` (its sub-folders stay), or a list of folders. */
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

/** The folder of src that a file stands in, sub-folder included; '' for main.ts and process.ts. */
function folderOf(path: string): string {
  return relative(SRC, dirname(path));
}

const files = sourceFiles().map((path) => ({ path, name: relative(SRC, path), text: readFileSync(path, 'utf8') }));
const IMPORT = /^(?:import|export)[^'"]*?from '(\.[^']+)'|^import '(\.[^']+)'|import\('(\.[^']+)'\)/gm;

/** What each file imports, type-only imports included. */
const imports = new Map(
  files.map(({ path, text }) => [
    path,
    [...text.matchAll(IMPORT)].map((match) => resolve(path, '..', match[1] ?? match[2] ?? match[3]!)),
  ]),
);

describe('the import table of src/README.md', () => {
  const table = importTable();

  it('names every folder of src and no other', () => {
    const folders = new Set(files.map(({ path }) => folderOf(path)).filter((folder) => folder !== ''));
    expect([...table.keys()].sort()).toEqual([...folders].sort());
  });

  it.each(files.map(({ name, path }) => [name, path]))('%s imports only what it may', (_, path) => {
    const own = folderOf(path);
    // main.ts and process.ts are the edge of the process: they may import all, and nothing may import them.
    if (own === '') return;
    const imported = imports.get(path)!.map(folderOf);
    expect(imported).not.toContain('');
    const { may } = table.get(own)!;
    expect(imported.filter((folder) => folder !== own && !may.has(folder))).toEqual([]);
  });

  // What is allowed and not needed would let in unnoticed what nobody has decided.
  const lists = [...table].filter(([, { isList }]) => isList);
  it.each(lists)('allows %s only what it needs', (own, { may }) => {
    const needed = new Set([...imports].flatMap(([path, to]) => (folderOf(path) === own ? to.map(folderOf) : [])));
    expect([...may].filter((folder) => !needed.has(folder))).toEqual([]);
  });
});

describe('circles', () => {
  it('are found where there is one', () => {
    expect(
      circleIn(
        new Map([
          ['a', ['b']],
          ['b', ['c']],
          ['c', ['b']],
        ]),
      ),
    ).toEqual(['b', 'c', 'b']);
  });

  it('no files import each other in a circle', () => {
    expect(circleIn(imports)?.map((path) => relative(SRC, path)) ?? null).toBeNull();
  });

  it('no folders import each other in a circle', () => {
    const folders = new Map<string, string[]>();
    for (const [path, targets] of imports) {
      const own = folderOf(path);
      const others = targets.map(folderOf).filter((folder) => folder !== own);
      folders.set(own, [...(folders.get(own) ?? []), ...others]);
    }
    expect(circleIn(folders)).toBeNull();
  });
});

/** Folders of test/ that are about more than one stage, or about what is not source. */
const ACROSS = new Set([
  'alerts',
  'conformance',
  'deploy',
  'docs',
  'e2e',
  'packaging',
  'repository',
  'support',
  'tools',
]);

describe('the folders of test/', () => {
  const test = resolve(import.meta.dirname);
  const mirrored = readdirSync(test, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => dirname(path))
    .filter((folder) => folder !== '.' && !ACROSS.has(folder.split('/')[0]!));

  it.each([...new Set(mirrored)].map((folder) => [folder]))('%s stands in src as well', (folder) => {
    expect(existsSync(join(SRC, folder))).toBe(true);
  });
});

describe('what only the edge of the process may do', () => {
  const inner = files.filter(({ path }) => folderOf(path) !== '');

  it.each(inner.map(({ name, text }) => [name, text]))('%s neither exits nor prints', (_, text) => {
    expect(text).not.toMatch(/process\.exit\b|process\.exitCode|console\.|process\.stdout|process\.stderr/);
  });

  // The script of the page runs in the reader's browser.
  const TIMED = ['base/clock.ts', 'server/page/markup/page-script.ts'];
  it.each(inner.filter(({ name }) => !TIMED.includes(name)).map(({ name, text }) => [name, text]))(
    '%s takes time and chance as parameters',
    (_, text) => {
      expect(text).not.toMatch(
        /Date\.now\(|performance\.now\(|Math\.random\(|new Date\(\)|\bsetTimeout\(|\bsetInterval\(/,
      );
    },
  );
});
