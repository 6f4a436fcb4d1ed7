import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import { shownPath } from '../file/option-tree.ts';
import { type Problem, sortProblems } from '../file/problem.ts';
import type { Source } from '../file/sources.ts';
import { plainTree, YamlAliases } from './yaml-aliases.ts';
import { BAD_ALIAS } from './yaml-fault-words.ts';
import { yamlFaults } from './yaml-faults.ts';
import { YamlOffsets } from './yaml-offset.ts';
import { duplicateKeys, yamlRejections } from './yaml-rejections.ts';

export type YamlResult =
  | { readonly ok: true; readonly source: Source; readonly problems: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Parses one YAML 1.2 document. After a duplicate key the rest is still read; other faults end the reading. */
export function parseYaml(file: string, text: string): YamlResult {
  const lines = new LineCounter();
  // The parser's own search for duplicate keys compares every key with every other.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true, uniqueKeys: false });
  const at = (offset: number, option: string) => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col, option };
  };
  const problems = duplicateKeys(document).map((start): Problem => {
    const key = /^["']?([\w-]+)/.exec(text.slice(start, start + 80))?.[1] ?? '';
    return { ...at(start, key === '' ? '' : shownPath([key])), what: 'is listed twice', remedy: 'keep one of them' };
  });
  const faults = yamlFaults(document.errors, text).map(
    ({ offset, what, remedy }): Problem => ({ ...at(offset, ''), what: `the file ${what}`, remedy }),
  );
  const stop = (what: string, remedy: string): YamlResult => ({
    ok: false,
    problems: [...problems, { ...at(0, ''), what, remedy }],
  });
  if (faults.length > 0) return { ok: false, problems: sortProblems([...problems, ...faults]) };
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) {
    return stop('the file is empty', 'name at least one environment, or set discovery.enabled: true');
  }
  if (!isMap(document.contents))
    return stop('the file is not a map of options', 'begin with a key such as environments:');
  const aliases = new YamlAliases(document);
  const rejected = yamlRejections(document, text, aliases);
  if (rejected.length > 0) {
    const rejections = rejected.map(({ offset, what, remedy }) => ({ ...at(offset, ''), what, remedy }));
    return { ok: false, problems: [...problems, ...rejections] };
  }
  if (aliases.dangling.length > 0) {
    const [what, remedy] = BAD_ALIAS;
    const places = aliases.dangling.map((offset) => ({ ...at(offset, ''), what: `the file ${what}`, remedy }));
    return { ok: false, problems: [...problems, ...places] };
  }
  const tree = plainTree(document);
  const offsets = new YamlOffsets(document, aliases);
  if (tree === null) return stop('the file has aliases that contain themselves, or too many', 'write the values out');
  return {
    ok: true,
    problems,
    source: {
      origin: `file ${file}`,
      file,
      tree,
      locate: (path, what = 'value') => at(offsets.of(path, what), shownPath(path)),
    },
  };
}
