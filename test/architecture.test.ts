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

/** The folder of src that a file stands in; null for main.ts. */
const folderOf = (path: string) => (path.includes('/') ? path.split('/')[0]! : null);

/** The rows of the table of src/README.md, in their order: the folders of each. */
const ROWS = readFileSync(join(SRC, 'README.md'), 'utf8')
  .split('\n')
  .flatMap((line) => /^\| ([a-z]+(?:, [a-z]+)*) \| /.exec(line)?.[1] ?? [])
  .filter((cell) => cell !== 'folder')
  .map((cell) => cell.split(', '));

const rowOf = (folder: string) => ROWS.findIndex((row) => row.includes(folder));

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

it('the table of src/README.md has every folder', () => {
  expect(ROWS.flat().toSorted()).toEqual([...new Set(files.flatMap(({ path }) => folderOf(path) ?? []))].toSorted());
});

it('each folder imports only what stands above it in that table', () => {
  // main.ts is the edge of the process: it may import all, and nothing may import it.
  const forbidden = files.flatMap(({ path, imports }) => {
    const own = folderOf(path);
    if (own === null) return [];
    return imports.flatMap((to) => {
      const other = folderOf(to);
      return other !== null && rowOf(other) <= rowOf(own) ? [] : [`${path} imports ${to}`];
    });
  });
  expect(forbidden).toEqual([]);
});

it('no files import each other in a circle', () => {
  expect(circleIn(new Map(files.map(({ path, imports }) => [path, imports])))).toBeNull();
});

it('only the edge of the process exits and prints', () => {
  const text = /process\.exit\b|process\.exitCode|console\.|process\.stdout|process\.stderr/;
  expect(files.filter((file) => folderOf(file.path) !== null && text.test(file.text)).map(({ path }) => path)).toEqual(
    [],
  );
});

it('only the edge of the process and the clock know the time and chance', () => {
  const text = /Date\.now\(|performance\.now\(|Math\.random\(|new Date\(\)|(?<!\.)\bset(?:Timeout|Interval)\((?!ms: )/;
  const using = files.filter((file) => folderOf(file.path) !== null && text.test(file.text)).map(({ path }) => path);
  // The script of the page runs in the reader's browser, and the gate has the method of that name that sockets have.
  const mayUse = /^base\/clock\.ts$|^server\/(?:gate|page)\.ts$/;
  expect(using.filter((path) => !mayUse.test(path))).toEqual([]);
});
