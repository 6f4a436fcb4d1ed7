import type { Finding } from './finding.ts';
import type { SourceFile } from './source-files.ts';

/** Words that docs/design/glossary.md has replaced, and what is said instead. */
const WORDS: readonly { readonly word: RegExp; readonly instead: string }[] = [
  { word: /sweep/i, instead: 'scan' },
  { word: /\bwalk(?:s|ed|ing|er)?\b|[a-z]Walk|\bwalk[A-Z]/, instead: 'scan, or full scan' },
  { word: /surpris/i, instead: 'rescan reason' },
  { word: /\blanes?\b|[a-z]Lanes?\b/i, instead: 'scheduler or poll job' },
  { word: /\bbeat(?:s|en|ing)?\b|[a-z]Beat|\bbeat[A-Z]/, instead: 'heartbeat' },
  { word: /keeper/i, instead: 'reconciler' },
  { word: /trouble/i, instead: 'issue, or what is wrong' },
  { word: /shel(?:f|ves)\b/i, instead: 'row' },
  { word: /spoil/i, instead: 'invalid' },
  { word: /\b(?:hot|cold)\b/i, instead: 'active or idle environment' },
  { word: /\bstretch(?!ed|_?factor| factor)/i, instead: 'interval scaling' },
];

/** Names that are published and stay, whatever the words mean elsewhere. */
const PUBLISHED = /list\.surprise|proven_walks|beatOnQueued|stops-beating|budget\.stretched/g;

export function wordFindings(files: readonly SourceFile[]): readonly Finding[] {
  return files.flatMap(({ path, text }) =>
    text
      .replaceAll(PUBLISHED, '')
      .split('\n')
      .flatMap((line, index) =>
        WORDS.filter(({ word }) => word.test(line)).map(({ word, instead }): Finding => {
          const [found] = word.exec(line)!;
          return { kind: 'old-word', where: `${path} ${found}`, detail: `line ${index + 1}: say ${instead}` };
        }),
      ),
  );
}
