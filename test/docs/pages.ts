import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/processes.ts';

/** One page of the documentation; the path is relative to the checkout. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** One fenced or indented block. */
export interface Block {
  /** What stands behind the fence; empty for an indented block. */
  readonly language: string;
  readonly text: string;
}

/** README, CONTRIBUTING and what is under docs/. Runbooks have a test of their own. */
export const PAGES: readonly Page[] = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .toSorted()
    .map((name) => `docs/${name}`),
].map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));

/** The page of this path. Throws when there is none. */
export function pageOf(path: string): Page {
  const page = PAGES.find((one) => one.path === path);
  if (page === undefined) throw new Error(`there is no page ${path}`);
  return page;
}

/** All blocks of code, in order. */
export function blocksOf({ text }: Page): readonly Block[] {
  const fenced = [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language, block]) => ({
    language: language!,
    text: block!,
  }));
  const rest = text.replaceAll(/^```[\s\S]*?^```$/gm, '');
  const indented = [...rest.matchAll(/(?:^ {4,}\S.*\n)+/gm)].map(([block]) => ({ language: '', text: block }));
  return [...fenced, ...indented];
}

/** What is set as code: blocks, and `spans`, a line each, continued lines joined. */
export function codeLines(page: Page): readonly string[] {
  const prose = page.text.replaceAll(/^```[\s\S]*?^```$/gm, '');
  const spans = [...prose.matchAll(/`([^`\n]+)`/g)].map((match) => match[1]!);
  const lines = blocksOf(page).flatMap(({ text }) => text.replaceAll(/\\\n\s*/g, '').split('\n'));
  return [...spans, ...lines];
}
