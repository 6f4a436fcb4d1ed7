import type { Finding } from './finding.ts';
import type { SourceFile } from './source-files.ts';

const VALUE = /^export (?:abstract |async )?(?:class|function\*?|const|enum) (\w+)/gm;
const TYPE = /^export (?:interface|type) (\w+)/gm;
/** A file with more values has the name of what they have in common, which none of them needs to have. */
const FEW = 3;
/** Enough of a word to know it by in another form: `classify` in `classifier`. */
const STEM = 4;

/** Files with up to three values that share no word with any of their exports: nobody would look for those there. */
export function fileNameFindings(files: readonly SourceFile[]): readonly Finding[] {
  return files.flatMap(({ path, text }): Finding[] => {
    const values = [...text.matchAll(VALUE)].map((match) => match[1]!);
    if (values.length === 0 || values.length > FEW) return [];
    const names = [...values, ...[...text.matchAll(TYPE)].map((match) => match[1]!)];
    const together = names.join(' ').replaceAll('_', '').toLowerCase();
    const words = path.slice(path.lastIndexOf('/') + 1, -'.ts'.length).split('-');
    const shares = words.some((word) => together.includes(word.length > STEM ? word.slice(0, STEM) : word));
    return shares ? [] : [{ kind: 'file-name', where: path, detail: `exports ${values.join(', ')}` }];
  });
}
