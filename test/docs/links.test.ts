import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../support/processes.ts';
import { codeLines, PAGES } from './pages.ts';

const OTHER = ['CHANGELOG.md', 'SECURITY.md', 'src/README.md', 'alerts/runbooks/README.md'].map((path) => ({
  path,
  text: readFileSync(join(ROOT, path), 'utf8'),
}));

/** The anchor of a heading, as GitHub makes it. */
function anchorOf(heading: string): string {
  const words = heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, '');
  return words.replaceAll(' ', '-');
}

/** Whether `path#anchor` names a file of the checkout and, where there is an anchor, a heading in it. */
function resolves(path: string, anchor: string | undefined): boolean {
  if (!existsSync(join(ROOT, path))) return false;
  if (anchor === undefined) return true;
  // A comment in a block of shell or YAML looks like a heading.
  const text = readFileSync(join(ROOT, path), 'utf8').replaceAll(/^```[\s\S]*?^```$/gm, '');
  return [...text.matchAll(/^#+ (.*)$/gm)].some((match) => anchorOf(match[1]!) === anchor);
}

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
});

// Pages of the design follow the code at their own pace.
describe.each([...PAGES, ...OTHER].filter(({ path }) => !/^docs\/(?:design|decisions)\//.test(path)))(
  '$path',
  (page) => {
    it('names only files and folders that exist', () => {
      const paths = codeLines(page).flatMap((line) =>
        [...line.matchAll(/^(?:src|test|alerts|grafana|docs|bench|scripts)\/[\w./*-]*$/g)].map((match) => match[0]),
      );
      // A star stands for several files: its folder has to be there.
      const missing = paths
        .filter((path) => !path.includes('NAME'))
        .filter((path) => !existsSync(join(ROOT, path.includes('*') ? dirname(path) : path)));
      expect(missing).toEqual([]);
    });
  },
);

it('README.md leads to every page of docs', () => {
  const { text } = PAGES.find(({ path }) => path === 'README.md')!;
  const beside = readdirSync(join(ROOT, 'docs')).filter((file) => file.endsWith('.md'));
  expect(beside.filter((file) => !text.includes(`](docs/${file}`))).toEqual([]);
});

it('finds a dead link, file or anchor', () => {
  const text = '[a](nowhere.md) [b](README.md#nowhere) [c](README.md#alerts-and-dashboards) ![d](docs/images/none.png)';
  expect(deadLinks({ path: 'README.md', text })).toEqual(['nowhere.md', 'README.md#nowhere', 'docs/images/none.png']);
});
