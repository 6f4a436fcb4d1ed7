import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/processes.ts';
import { resolves } from './anchors.ts';

/** Installed, built or downloaded. */
const NOT_OURS: ReadonlySet<string> = new Set(['.git', '.cache', 'node_modules', 'dist', 'out', 'coverage']);

/** By the kind of file, the parts of a line: a comment, or a string that only looks like one. */
const PARTS: readonly { readonly files: RegExp; readonly parts: RegExp }[] = [
  // A line in the middle of a block begins with a star.
  {
    files: /\.(?:tsx?|m?js)$/,
    parts: /^\s*\*.*|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`[^`]*`|\/\/.*|\/\*.*?(?:\*\/|$)/g,
  },
  { files: /\.html$/, parts: /.+/g },
  { files: /\.(?:sh|ya?ml)$|(?:^|\/)(?:[\w-]+|\.gitignore)$/, parts: /(?:^|\s)#.*/g },
];

export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Every file of the checkout in which a comment may cite a page. */
export function commentedFiles(folder = ''): readonly SourceFile[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter(({ name }) => !NOT_OURS.has(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return commentedFiles(path);
      return entry.isFile() && kindOf(path) !== undefined
        ? [{ path, text: readFileSync(join(ROOT, path), 'utf8') }]
        : [];
    });
}

function kindOf(path: string) {
  return PARTS.find(({ files }) => files.test(path));
}

/** The pages that comments of a file cite and that are not there, as `line: citation`. Paths begin at the checkout. */
export function deadCitations({ path, text }: SourceFile): readonly string[] {
  return text.split('\n').flatMap((line, index) =>
    (line.match(kindOf(path)!.parts) ?? [])
      .filter((part) => !/^['"`]/.test(part))
      .flatMap((comment) => [...comment.matchAll(/([./\w-]+\.md)(?:#([\w-]+))?(,? (?:section )?\d+(?:\.\d+)*)?/g)])
      // What users may append to an address of theirs.
      .filter(([, page]) => page !== '/NAME.md' && page !== 'NAME.md')
      // A number is no heading: it would go on pointing somewhere when the page changes.
      .filter(([, page, anchor, number]) => number !== undefined || !resolves(page!, anchor))
      .map(([citation]) => `${index + 1}: ${citation}`),
  );
}
