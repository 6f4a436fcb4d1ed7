import { type Document, isMap, isScalar, LineCounter, parseDocument, visit, type YAMLParseError } from 'yaml';
import { shownPath } from './option-tree.ts';
import type { Problem } from './problem.ts';
import type { Source, Tree } from './sources.ts';
import { offsetOf, startOffset } from './yaml-offset.ts';
import { yamlRejections } from './yaml-rejections.ts';

/** Our own words: the parser's messages quote the file, and a file may hold keys. */
const YAML_ERRORS: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  BAD_ALIAS: ['names an anchor that does not exist, or not before this line', 'define it above with &NAME'],
  BAD_INDENT: ['is indented wrongly', 'put keys of one level in one column'],
  BLOCK_AS_IMPLICIT_KEY: [
    'has a nested key where a value on one line is expected',
    'put the value in quotes, or begin a new line',
  ],
  MISSING_CHAR: [
    'has a character missing here: a colon, a comma, a quote or a bracket',
    'close what was opened before this place',
  ],
  MULTILINE_IMPLICIT_KEY: ['has a key that spans lines', 'check for a missing colon or quote above'],
  MULTIPLE_DOCS: ['holds more than one YAML document', 'keep one and drop the --- line'],
  TAB_AS_INDENT: ['is indented with a tab', 'use spaces'],
  UNEXPECTED_TOKEN: [
    'has something here that YAML does not expect',
    `check quotes, brackets and indentation around this place; inside { } or [ ] put \${NAME} in quotes`,
  ],
};
const ANY_YAML_ERROR = ['is not valid YAML here', 'check quotes, brackets and indentation around this place'] as const;

export type YamlResult =
  | { readonly ok: true; readonly source: Source; readonly problems: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Parses one YAML 1.2 document. After a duplicate key the rest is still read; other faults end the reading. */
export function parseYaml(file: string, text: string): YamlResult {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  const at = (offset: number, option: string) => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col, option };
  };
  const problems = firstOfEachLine(document.errors, lines).map((error): Problem => {
    const [start] = error.pos;
    if (error.code === 'DUPLICATE_KEY') {
      const key = /^["']?([\w-]+)/.exec(text.slice(start, start + 80))?.[1] ?? '';
      return {
        ...at(start, key === '' ? '' : shownPath([key])),
        what: 'is listed twice',
        remedy: 'keep one of them',
      };
    }
    const [what, remedy] = YAML_ERRORS[error.code] ?? ANY_YAML_ERROR;
    return { ...at(start, ''), what: `the file ${what}`, remedy };
  });
  const stop = (what: string, remedy: string): YamlResult => ({
    ok: false,
    problems: [...problems, { ...at(0, ''), what, remedy }],
  });
  if (document.errors.some((error) => error.code !== 'DUPLICATE_KEY')) return { ok: false, problems };
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) {
    return stop('the file is empty', 'name at least one environment, or set discovery.enabled: true');
  }
  if (!isMap(document.contents))
    return stop('the file is not a map of options', 'begin with a key such as environments:');
  const rejected = yamlRejections(document, text);
  if (rejected.length > 0) {
    const places = rejected.map(({ offset, what, remedy }) => ({ ...at(offset, ''), what, remedy }));
    return { ok: false, problems: [...problems, ...places] };
  }
  const dangling = danglingAliases(document);
  if (dangling.length > 0) {
    const [what, remedy] = YAML_ERRORS.BAD_ALIAS!;
    const places = dangling.map((offset) => ({ ...at(offset, ''), what: `the file ${what}`, remedy }));
    return { ok: false, problems: [...problems, ...places] };
  }
  const tree = plain(document);
  if (tree === null) return stop('the file has aliases that contain themselves, or too many', 'write the values out');
  return {
    ok: true,
    problems,
    source: {
      origin: `file ${file}`,
      file,
      tree,
      locate: (path, what = 'value') => at(offsetOf(document, path, what), shownPath(path)),
    },
  };
}

/** After an error the parser reports consequences of it; the rest of its line is noise. */
function firstOfEachLine(errors: readonly YAMLParseError[], lines: LineCounter): YAMLParseError[] {
  const seen = new Set<number>();
  return errors.filter((error) => {
    const { line } = lines.linePos(error.pos[0]);
    const first = error.code === 'DUPLICATE_KEY' || !seen.has(line);
    seen.add(line);
    return first;
  });
}

/** Offsets of the aliases whose anchor does not exist: the parser reports them only when the values are read. */
function danglingAliases(document: Document.Parsed): number[] {
  const offsets: number[] = [];
  visit(document, {
    Alias(_, node) {
      if (node.resolve(document) === undefined) offsets.push(startOffset(node) ?? 0);
    },
  });
  return offsets;
}

/** The plain values; null when aliases cannot be resolved to a finite tree. */
function plain(document: Document.Parsed): Tree | null {
  try {
    const tree: unknown = document.toJS();
    JSON.stringify(tree);
    return tree as Tree;
  } catch {
    return null;
  }
}
