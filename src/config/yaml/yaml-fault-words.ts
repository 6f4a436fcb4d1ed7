import type { YAMLParseError } from 'yaml';

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

const BAD_INDENT: Words = [
  'is indented wrongly',
  'put names of one level in one column, and the dashes of one list in one column',
];
const DEEPER: Words = [
  'is indented deeper here than the name above, which already has its value',
  'put names of one level in one column, and a text of several lines in quotes',
];
const NO_SPACE: Words = [
  'has a line that is neither `name: value` nor `- entry`',
  'put a colon and a space after a name, and a space after a dash',
];

/** Our own words: the parser's messages quote the file, and a file may hold keys. */
const WORDS: Readonly<Record<string, Words>> = {
  BAD_ALIAS,
  BAD_DQ_ESCAPE: [
    'has a backslash in double quotes that stands for no character',
    'use single quotes, or write the backslash twice',
  ],
  BAD_INDENT,
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
  MULTILINE_IMPLICIT_KEY: NO_SPACE,
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
  ['Implicit map keys', NO_SPACE],
  ['Sequence item without -', BAD_INDENT],
  ['A block sequence may not', BAD_INDENT],
  [
    'Missing , or : between',
    ['has a name without a colon, or an entry without a comma before it', 'add what is missing'],
  ],
  ['Missing , between', ['has an entry without a comma before it', 'put a comma between entries']],
];

/**
 * One error of the parser in our words, at the place that has to be changed.
 * @param errors all that the parser reports for the file
 */
export function yamlFault(error: YAMLParseError, errors: readonly YAMLParseError[], text: string): YamlFault {
  const { code, message, pos } = error;
  const nested = code === 'BLOCK_AS_IMPLICIT_KEY' ? nestedLine(error, errors, text) : null;
  if (nested !== null) return faultAt(nested, DEEPER);
  const words = BY_MESSAGE.find(([begins]) => message.startsWith(begins))?.[1] ?? WORDS[code] ?? ANY;
  const dash = words === BAD_INDENT ? dashWithoutSpace(pos[0], text) : null;
  return dash === null ? faultAt(pos[0], words) : faultAt(dash, NO_SPACE);
}

const faultAt = (offset: number, [what, remedy]: Words): YamlFault => ({ offset, what, remedy });

/** Where a line begins that is indented as if it were part of the one-line value above it; null: no such line. */
function nestedLine({ pos: [start] }: YAMLParseError, errors: readonly YAMLParseError[], text: string): number | null {
  const key = errors.find(({ code, pos }) => code === 'MULTILINE_IMPLICIT_KEY' && pos[0] === start);
  return key === undefined ? null : firstOfLine(key.pos[1], text);
}

/** Where the dash of an entry such as `-id: x` stands, on the line at `offset` or on the one above; null: nowhere. */
function dashWithoutSpace(offset: number, text: string): number | null {
  const line = firstOfLine(offset, text);
  const above = firstOfLine(text.lastIndexOf('\n', line - 1), text);
  return [line, above].find((at) => /^-[^\s\d-]/.test(text.slice(at, at + 2))) ?? null;
}

/** The first character, other than white space, of the line that `offset` is in. */
function firstOfLine(offset: number, text: string): number {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  return start + text.slice(start).search(/\S|$/);
}
