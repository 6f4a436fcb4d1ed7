import { distance } from 'fastest-levenshtein';
import type { z } from 'zod';
import { looksLikeKey } from '../base/secret.ts';
import { counted } from '../base/text.ts';

export type Path = readonly (string | number)[];
export type Tree = { [key: string]: unknown };

/** Where a value of the configuration was written. `line` and `column` count from 1. */
export interface Position {
  /** Null when the value came from an environment variable or a flag. */
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  /** The key as written, `environments[0].poll.stats_interval`, a variable or a flag; empty for the file as a whole. */
  readonly option: string;
}

/** One finding about the configuration: an error or a notice. Never holds a key. */
export interface Problem extends Position {
  readonly what: string;
  readonly remedy: string;
}

/** The position of a value that is in no file: `option` is a variable or a flag. */
export function outsideFiles(option: string): Position {
  return { file: null, line: null, column: null, option };
}

/** The position of what concerns a file as a whole. */
export function wholeFile(file: string | null): Position {
  return { ...outsideFiles(''), file };
}

/** `FILE:LINE:COL: OPTION: what; what to do`, without the parts that are unknown. */
export function formatProblem({ file, line, column, option, what, remedy }: Problem): string {
  const place = [file, line, column].filter((part) => part !== null).join(':');
  const text = remedy === '' ? what : `${what}; ${remedy}`;
  return [place, option, text].filter((part) => part !== '').join(': ');
}

/** Flags first, then variables and what has no line, then in the order of the file. */
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
  const what = counted(more, ['more problem', 'more problems']);
  const last = { ...wholeFile(problems[0]!.file), what, remedy: 'mend those above first' };
  return [...problems.slice(0, MOST_PROBLEMS), last];
}

/** The values as written, and the place of each. */
export interface Source {
  /** `file PATH`, or `environment variables`. */
  readonly origin: string;
  /** The configuration file, or null. */
  readonly file: string | null;
  readonly tree: Tree;
  /** Where a value was written or, with `key`, its name; for a missing one, the nearest existing place around it. */
  locate(path: Path, what?: 'key' | 'value'): Position;
}

/** Collects what is wrong while a file is read. */
export class Report {
  readonly problems: Problem[] = [];
  readonly notices: Problem[] = [];
  readonly #source: Pick<Source, 'locate'>;

  constructor(source: Pick<Source, 'locate'>) {
    this.#source = source;
  }

  problem(path: Path, what: string, remedy: string, at: 'key' | 'value' = 'value'): void {
    this.problems.push({ ...this.#source.locate(path, at), what, remedy });
  }

  notice(path: Path, what: string, remedy: string): void {
    this.notices.push({ ...this.#source.locate(path), what, remedy });
  }
}

/** Reports what zod has found; the messages complete "must be …", or are the names that are known where one is not. */
export function reportIssues(
  issues: readonly z.core.$ZodIssue[],
  report: Report['problem'],
  page: string,
  remedyFor: typeof remedyForUnknown = remedyForUnknown,
): void {
  for (const issue of issues) {
    const path = issue.path as Path;
    if (issue.code === 'invalid_key') report(path, `is no name here: it must be in ${issue.message}`, page, 'key');
    else if (issue.code !== 'unrecognized_keys') report(path, `must be ${issue.message}`, page);
    else
      for (const key of issue.keys)
        report([...path, key], 'unknown option', remedyFor(key, issue.message.split(',')), 'key');
  }
}

/** `environments[0].poll.stats_interval`. */
export function pathText(path: Path): string {
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');
}

/** The path as it may be shown. */
export function shownPath(path: Path): string {
  return pathText(path.map((step) => (typeof step === 'number' ? step : shown(step))));
}

export const NOT_SHOWN = '<not shown: looks like a key>';
const LONGEST_NAME = 60;

/** A name of the user's file as a message may have it, masked when it might be a key. Values are never shown. */
function shown(name: string): string {
  if (looksLikeKey(name) || /(?<![A-Za-z0-9])sk-[A-Za-z]|[A-Za-z0-9_+/=-]{40}/.test(name)) return NOT_SHOWN;
  const printable = name.replace(/[^\x20-\x7e]/g, '?');
  return printable.length > LONGEST_NAME ? `${printable.slice(0, LONGEST_NAME)}…` : printable;
}

export function quote(name: string): string {
  const text = shown(name);
  return text === NOT_SHOWN ? text : `"${text}"`;
}

/** A name without what is easily mistaken: capitals, dots and dashes. */
export const plain = (name: string) => name.toLowerCase().replaceAll(/[._-]/g, '');

/** The candidate that `written` most likely meant, or null when none is close: at most a third may differ. */
export function nearest(written: string, candidates: readonly string[]): string | null {
  // Nothing, and what is longer than a name, is no typo.
  if (written === '' || written.length > LONGEST_NAME) return null;
  const ranked = candidates.map((candidate) => ({ candidate, steps: distance(plain(written), plain(candidate)) }));
  const [best] = ranked.toSorted((a, b) => a.steps - b.steps);
  return best !== undefined && best.steps <= Math.max(1, Math.floor(written.length / 3)) ? best.candidate : null;
}

/** What to do about a name that is not known: the one that was probably meant, or those that are known. */
export function remedyForUnknown(written: string, known: readonly string[]): string {
  const near = nearest(written, known);
  return near === null ? `known here: ${known.join(', ')}` : `did you mean ${near}?`;
}
