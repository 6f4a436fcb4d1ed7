import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, it } from 'vitest';

const SRC = resolve(import.meta.dirname, '../src');
const IMPORT = /^(?:import|export)[^'"]*?from '(\.[^']+)'|^import '(\.[^']+)'|import\('(\.[^']+)'\)/gm;

/** Paths below src/, what each file imports, type-only imports included, and its text. */
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => {
    const text = readFileSync(join(SRC, path), 'utf8');
    const imports = [...text.matchAll(IMPORT)].map(([, ...paths]) =>
      relative(SRC, resolve(SRC, dirname(path), paths.find((one) => one !== undefined)!)),
    );
    return { path, text, imports };
  });

/** The folder of src that a file stands in, sub-folder included; '' for main.ts and process.ts. */
function folderOf(path: string): string {
  return dirname(path) === '.' ? '' : dirname(path);
}

/** The import table of src/README.md: folder → folders it may import. */
function importTable(): ReadonlyMap<string, ReadonlySet<string>> {
  const rows = readFileSync(join(SRC, 'README.md'), 'utf8')
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter(([, folder = '']) => /^[a-z]+(?:\/[a-z]+)*$/.test(folder) && folder !== 'folder');
  const folders = rows.map(([, folder]) => folder!);
  return new Map(rows.map(([, folder, , allowed]) => [folder!, allowedFolders(allowed!, folders)]));
}

/** Reads a cell: `nothing`, `everything`, `everything but a` (its sub-folders stay), or a list of folders. */
function allowedFolders(cell: string, folders: readonly string[]): ReadonlySet<string> {
  if (cell === 'nothing') return new Set();
  if (!cell.startsWith('everything')) return new Set(cell.split(', '));
  const without = cell.replace(/^everything( but )?/, '').split(' and ');
  return new Set(folders.filter((folder) => !without.includes(folder)));
}

/** The first circle that a search along the edges finds, or null; the first node stands at both ends. */
function circleIn(edges: ReadonlyMap<string, readonly string[]>): readonly string[] | null {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (node: string): readonly string[] | null => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return null;
    path.push(node);
    for (const next of edges.get(node) ?? []) {
      const circle = visit(next);
      if (circle !== null) return circle;
    }
    path.pop();
    done.add(node);
    return null;
  };
  for (const node of edges.keys()) {
    const circle = visit(node);
    if (circle !== null) return circle;
  }
  return null;
}

it('each folder imports only what the table of src/README.md allows it', () => {
  const table = importTable();
  // main.ts and process.ts are the edge of the process: they may import all, and nothing may import them.
  const forbidden = files
    .filter(({ path }) => folderOf(path) !== '')
    .flatMap(({ path, imports }) =>
      imports
        .filter((to) => folderOf(to) !== folderOf(path) && table.get(folderOf(path))?.has(folderOf(to)) !== true)
        .map((to) => `${path} imports ${to}`),
    );
  expect(forbidden).toEqual([]);
});

it('no files import each other in a circle', () => {
  expect(circleIn(new Map(files.map(({ path, imports }) => [path, imports])))).toBeNull();
});

it('no folders import each other in a circle', () => {
  const folders = new Map<string, string[]>();
  for (const { path, imports } of files) {
    const own = folderOf(path);
    const others = imports.map(folderOf).filter((folder) => folder !== own);
    folders.set(own, [...(folders.get(own) ?? []), ...others]);
  }
  expect(circleIn(folders)).toBeNull();
});

it('only the edge of the process exits and prints', () => {
  const text = /process\.exit\b|process\.exitCode|console\.|process\.stdout|process\.stderr/;
  expect(files.filter((file) => folderOf(file.path) !== '' && text.test(file.text)).map(({ path }) => path)).toEqual(
    [],
  );
});

it('only the edge of the process and the clock know the time and chance', () => {
  const text = /Date\.now\(|performance\.now\(|Math\.random\(|new Date\(\)|\bsetTimeout\(|\bsetInterval\(/;
  const using = files.filter((file) => folderOf(file.path) !== '' && text.test(file.text)).map(({ path }) => path);
  // The script of the page runs in the reader's browser.
  expect(using.filter((path) => !['base/clock.ts', 'server/page/markup/page-script.ts'].includes(path))).toEqual([]);
});
