import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../support/processes.ts';
import { resolves } from './anchors.ts';
import { commentedFiles, deadCitations } from './citations.ts';
import { codeLines, PAGES } from './pages.ts';

const OTHER = ['CHANGELOG.md', 'SECURITY.md', 'src/README.md', 'alerts/runbooks/README.md'].map((path) => ({
  path,
  text: readFileSync(join(ROOT, path), 'utf8'),
}));

/** The relative links and pictures of a page that lead nowhere. */
function deadLinks({ path, text }: { readonly path: string; readonly text: string }): readonly string[] {
  const targets = [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map((match) => match[1]!);
  return targets.filter((target) => {
    const [file, anchor] = target.split('#') as [string, string | undefined];
    return !resolves(file === '' ? path : join(dirname(path), file), anchor);
  });
}

describe.each([...PAGES, ...OTHER])('$path', (page) => {
  it('has no link or picture that leads nowhere', () => {
    expect(deadLinks(page)).toEqual([]);
  });

  it('names only files and folders that exist', () => {
    const paths = codeLines(page).flatMap((line) =>
      [...line.matchAll(/^(?:src|test|alerts|grafana|docs|bench|scripts|draw)\/[\w./*-]*$/g)].map((match) => match[0]),
    );
    // A star stands for several files: its folder has to be there. Made by a command: draw/out.
    const missing = paths
      .filter((path) => path !== 'draw/out' && !path.includes('NAME'))
      .filter((path) => !existsSync(join(ROOT, path.includes('*') ? dirname(path) : path)));
    expect(missing).toEqual([]);
  });
});

it('docs/README.md leads to every page beside it', () => {
  const { text } = PAGES.find(({ path }) => path === 'docs/README.md')!;
  const beside = readdirSync(join(ROOT, 'docs')).filter((file) => file.endsWith('.md') && file !== 'README.md');
  expect(beside.filter((file) => !text.includes(`](${file}`))).toEqual([]);
});

it('finds a dead link, file or anchor', () => {
  const text = '[a](nowhere.md) [b](README.md#nowhere) [c](README.md#alerts-and-dashboards) ![d](docs/images/none.png)';
  expect(deadLinks({ path: 'README.md', text })).toEqual(['nowhere.md', 'README.md#nowhere', 'docs/images/none.png']);
});

describe('comments', () => {
  const files = commentedFiles();

  it('are looked for in every kind of file', () => {
    expect(files.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['src/main.ts', 'test/docs/links.test.ts', '.ci/run', 'Dockerfile', 'draw/src/main.tsx']),
    );
  });

  it('cite only pages and headings that exist', () => {
    const dead = files.flatMap((file) => deadCitations(file).map((citation) => `${file.path}:${citation}`));
    expect(dead).toEqual([]);
  });

  it.each([
    ['src/a.ts', '/** nowhere.md */', 'nowhere.md'],
    ['src/a.ts', ' * Of docs/design/budget.md#nowhere.', 'docs/design/budget.md#nowhere'],
    ['src/a.ts', "const a = 'b'; // nowhere.md", 'nowhere.md'],
    ['src/a.ts', 'const a = 1; /* ./nowhere.md */', './nowhere.md'],
    ['src/a.ts', '// docs/design/budget.md, 3', 'docs/design/budget.md, 3'],
    ['src/a.ts', '// docs/design/work-api.md 7.4', 'docs/design/work-api.md 7.4'],
    ['Dockerfile', '# nowhere.md', 'nowhere.md'],
    ['.ci/run', 'npm ci # nowhere.md', 'nowhere.md'],
    ['draw/index.html', '<!-- nowhere.md -->', 'nowhere.md'],
  ])('with a dead citation are found: %s %s', (path, text, citation) => {
    expect(deadCitations({ path, text })).toEqual([`1: ${citation}`]);
  });

  it.each([
    ['src/a.ts', "const page = 'nowhere.md';"],
    ['src/a.ts', "const comment = '// nowhere.md';"],
    ['src/a.ts', '/** Where the pages are served; `/NAME.md` is appended. */'],
    ['src/a.ts', '/** docs/design/budget.md#the-token-bucket, and README.md. */'],
    ['Dockerfile', 'COPY nowhere.md ./'],
  ])('with none are left alone: %s %s', (path, text) => {
    expect(deadCitations({ path, text })).toEqual([]);
  });
});
