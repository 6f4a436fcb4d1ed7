import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../support/processes.ts';
import { codeLines, PAGES } from './pages.ts';

const OTHER = ['CHANGELOG.md', 'src/README.md', 'alerts/runbooks/README.md'].map((path) => ({
  path,
  text: readFileSync(join(ROOT, path), 'utf8'),
}));

/** The anchor of a heading, as GitHub makes it. */
function anchorOf(heading: string): string {
  const words = heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, '');
  return words.replaceAll(' ', '-');
}

/** The relative links and pictures of a page that lead nowhere. */
function deadLinks({ path, text }: { readonly path: string; readonly text: string }): readonly string[] {
  const targets = [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map((match) => match[1]!);
  return targets.filter((target) => {
    const [file, anchor] = target.split('#') as [string, string | undefined];
    const to = file === '' ? path : join(dirname(path), file);
    if (!existsSync(join(ROOT, to))) return true;
    if (anchor === undefined) return false;
    const headings = [...readFileSync(join(ROOT, to), 'utf8').matchAll(/^#+ (.*)$/gm)];
    return !headings.some((match) => anchorOf(match[1]!) === anchor);
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

it('finds a dead link, file or anchor', () => {
  const text = '[a](nowhere.md) [b](README.md#nowhere) [c](README.md#alerts-and-dashboards) ![d](docs/images/none.png)';
  expect(deadLinks({ path: 'README.md', text })).toEqual(['nowhere.md', 'README.md#nowhere', 'docs/images/none.png']);
});
