import type { YAMLParseError } from 'yaml';
import { type YamlOpening, yamlOpenings } from './yaml-openings.ts';

/** A place at which a file is no valid YAML. */
export interface YamlFault {
  /** In characters from the start of the file. */
  readonly offset: number;
  /** Completes "the file …". */
  readonly what: string;
  readonly remedy: string;
}

type Words = readonly [what: string, remedy: string];

/** For an alias without its anchor, which the parser reports only when values are read. */
export const BAD_ALIAS: Words = [
  'names an anchor that does not exist, or not before this line',
  'define it above with &NAME, or put a text that begins with * in quotes',
];

/** Our own words: the parser's messages quote the file, and a file may hold keys. */
const WORDS: Readonly<Record<string, Words>> = {
  BAD_ALIAS,
  BAD_DQ_ESCAPE: [
    'has a backslash in double quotes that stands for no character',
    'use single quotes, or write the backslash twice',
  ],
  BAD_INDENT: ['is indented wrongly', 'put keys of one level in one column'],
  BAD_SCALAR_START: ['has a text that begins with a character of YAML itself', 'put the text in quotes'],
  BLOCK_AS_IMPLICIT_KEY: [
    'has a nested key where a value on one line is expected',
    'put the value in quotes, or begin a new line',
  ],
  BLOCK_IN_FLOW: [
    'has a second colon or a dash in an entry of { } or [ ]',
    'put a comma between entries, and no dash before them',
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
const ANY: Words = ['is not valid YAML here', 'check quotes, brackets and indentation around this place'];

/** Faults that the parser distinguishes only by its message. */
const BY_MESSAGE: readonly (readonly [begins: string, words: Words])[] = [
  [
    'Implicit map keys',
    [
      'has a line that is neither `name: value` nor `- entry`',
      'put a colon and a space after a name, and a space after a dash',
    ],
  ],
  [
    'Missing , or : between',
    ['has a name without a colon, or an entry without a comma before it', 'add what is missing'],
  ],
  ['Missing , between', ['has an entry without a comma before it', 'put a comma between entries']],
];

/**
 * What is wrong with a file that the parser rejects: each fault once, without its consequences. The parser does not look
 * for duplicate keys.
 * @param errors in the order of the file
 */
export function yamlFaults(errors: readonly YAMLParseError[], text: string): readonly YamlFault[] {
  if (errors.length === 0) return [];
  const conflicts = mergeConflicts(text);
  if (conflicts.length > 0) return conflicts.slice(0, MOST_FAULTS);
  const openings = yamlOpenings(text);
  const open = culprit(openings);
  const before = open === undefined ? errors : errors.filter(({ pos }) => pos[0] < open.offset);
  const faults = withoutConsequences(before, openings, text).map(fault);
  // Everything after it was read as a part of it.
  return open === undefined ? faults : [...faults, unclosed(open, text)];
}

/** As Git writes them, each at the start of its line: what begins a conflict, and what ends it. */
const CONFLICT_MARKER = /^(?:<{7}|>{7})(?=[ \r\n]|$)/gm;

const CONFLICT = {
  what: 'has a merge conflict here that is not resolved',
  remedy: 'keep what is right, and delete the lines that begin with <<<<<<<, |||||||, ======= or >>>>>>>',
};

/** Each merge conflict that nobody has resolved, or the rest of one: what the parser makes of them tells nobody anything. */
function mergeConflicts(text: string): readonly YamlFault[] {
  const faults: YamlFault[] = [];
  let isOpen = false;
  for (const { 0: marker, index } of text.matchAll(CONFLICT_MARKER)) {
    const begins = marker.startsWith('<');
    if (begins || !isOpen) faults.push({ offset: index, ...CONFLICT });
    isOpen = begins;
  }
  return faults;
}

/** What nothing closes: the first quote, as the file is text from there on, otherwise the innermost bracket. */
function culprit(openings: readonly YamlOpening[]): YamlOpening | undefined {
  const open = openings.filter(({ closed }) => !closed);
  return open.find(({ sign }) => sign === '"' || sign === "'") ?? open.at(-1);
}

function unclosed({ offset, sign }: YamlOpening, text: string): YamlFault {
  const closer = { '{': '}', '[': ']' }[sign];
  if (closer === undefined) return { offset, what: 'opens a quote here that is not closed', remedy: 'close it' };
  const beginsLine = text.slice(offset).search(/\n[ \t]*[}\]]/) >= 0;
  const indent = beginsLine ? `, or indent it further than the name before the ${sign}` : '';
  return { offset, what: `opens a ${sign} here that no ${closer} closes`, remedy: `add the ${closer}${indent}` };
}

/** Nobody fixes more faults than this at once. */
const MOST_FAULTS = 20;

/** One fault per line, and one per map or list in brackets. An unexpected token after any other fault is its consequence. */
function withoutConsequences(
  errors: readonly YAMLParseError[],
  openings: readonly YamlOpening[],
  text: string,
): readonly YAMLParseError[] {
  const outer = openings.filter(({ depth, sign }) => depth === 0 && (sign === '{' || sign === '['));
  const kept: YAMLParseError[] = [];
  /** Faults up to this offset are consequences of the last one that was kept. */
  let until = -1;
  for (const error of errors.toSorted((one, other) => one.pos[0] - other.pos[0])) {
    const [start] = error.pos;
    if (start < until || (kept.length > 0 && error.code === 'UNEXPECTED_TOKEN')) continue;
    if (kept.push(error) === MOST_FAULTS) break;
    const lineEnd = text.indexOf('\n', start);
    const bracket = outer.find(({ offset, end }) => offset <= start && start <= end);
    until = Math.max(lineEnd < 0 ? text.length : lineEnd + 1, bracket?.end ?? 0);
  }
  return kept;
}

function fault({ code, message, pos }: YAMLParseError): YamlFault {
  const [what, remedy] = BY_MESSAGE.find(([begins]) => message.startsWith(begins))?.[1] ?? WORDS[code] ?? ANY;
  return { offset: pos[0], what, remedy };
}
