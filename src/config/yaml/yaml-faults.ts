import type { YAMLParseError } from 'yaml';
import { type YamlFault, yamlFault } from './yaml-fault-words.ts';
import { type YamlOpening, yamlOpenings } from './yaml-openings.ts';

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
  const open = firstUnclosed(openings);
  const before = open === undefined ? errors : errors.filter(({ pos }) => pos[0] < open.offset);
  const faults = withoutConsequences(before, openings, text).map((error) => yamlFault(error, errors, text));
  // Everything after it was read as a part of it.
  return open === undefined ? faults : [...faults, unclosed(open, text)];
}

/** As Git writes them, each at the start of its line: what begins a conflict, and what ends it. */
const CONFLICT_MARKER = /^(?:<{7}|>{7})(?=[ \r\n]|$)/gm;

const CONFLICT = {
  what: 'has a merge conflict here that is not resolved',
  remedy: 'keep what is right, and delete the lines that begin with <<<<<<<, |||||||, ======= or >>>>>>>',
};

/** Each merge conflict that nobody has resolved, or the rest of one. What the parser reports of them helps nobody. */
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
function firstUnclosed(openings: readonly YamlOpening[]): YamlOpening | undefined {
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
