import { counted } from '../../base/text.ts';

/** Where a value of the configuration was written. `line` and `column` count from 1. */
export interface Position {
  /** Null when the value came from an environment variable or a flag. */
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  /** The key as written, `environments[0].poll.stats_interval`, a variable or a flag; empty for the file as a whole. */
  readonly option: string;
}

/** The position of a value that is in no file: `option` is a variable or a flag. */
export function outsideFiles(option: string): Position {
  return { file: null, line: null, column: null, option };
}

/** The position of what concerns a file as a whole. */
export function wholeFile(file: string | null): Position {
  return { file, line: null, column: null, option: '' };
}

/** One finding about the configuration: an error or a notice. Never holds a key. */
export interface Problem extends Position {
  readonly what: string;
  readonly remedy: string;
  /** An environment, and `what` with `{}` in its place: the same about several is said once. */
  readonly about?: { readonly environment: string; readonly template: string };
}

/** `FILE:LINE:COL: OPTION: what; what to do`, without the parts that are unknown. */
export function formatProblem(problem: Problem): string {
  const position = [problem.file, problem.line, problem.column].filter((part) => part !== null).join(':');
  const head = [position, problem.option].filter((part) => part !== '').join(': ');
  const text = problem.remedy === '' ? problem.what : `${problem.what}; ${problem.remedy}`;
  return head === '' ? text : `${head}: ${text}`;
}

/** Flags and variables first, then what has no line, then in the order of the file. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const line = (problem: Problem) => (problem.option.startsWith('--') ? -1 : (problem.line ?? 0));
  return problems.toSorted((a, b) => line(a) - line(b) || (a.column ?? 0) - (b.column ?? 0));
}

/** Nobody reads more problems than this. */
const MOST_PROBLEMS = 100;

/** All problems, or the first of very many, with their number as the last one. */
export function firstProblems(problems: readonly Problem[]): readonly Problem[] {
  const more = problems.length - MOST_PROBLEMS;
  if (more <= 0) return problems;
  const [first] = problems;
  const rest = {
    ...first!,
    line: null,
    column: null,
    option: '',
    what: counted(more, ['more problem', 'more problems']),
  };
  return [...problems.slice(0, MOST_PROBLEMS), { ...rest, remedy: 'mend those above first' }];
}

/** Up to this many environments are named in one notice. */
const NAMED = 8;

/**
 * Joins notices that say the same about several environments into one, with their number and the first names, at the position
 * of the first.
 */
export function foldNotices(notices: readonly Problem[]): readonly Problem[] {
  const groups = Map.groupBy(notices, (notice) => {
    const { about, file, remedy } = notice;
    return about === undefined ? notice : JSON.stringify([file, about.template, remedy]);
  });
  return [...groups.values()].map((group) => (group.length === 1 ? group[0]! : folded(group)));
}

function folded(group: readonly Problem[]): Problem {
  const [first] = group;
  const names = group.flatMap(({ about }) => about?.environment ?? []);
  const shown = names.slice(0, NAMED).join(', ');
  const rest = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  const whom = `${counted(names.length)} (${shown}${rest})`;
  return { ...first!, what: first!.about!.template.replace('{}', () => whom) };
}
