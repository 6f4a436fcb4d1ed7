import type { z } from 'zod';
import type { FileReader } from '../base/files.ts';
import {
  firstProblems,
  type Problem,
  quote,
  remedyForUnknown,
  type Source,
  sortProblems,
  wholeFile,
} from '../config/problem.ts';
import { parseYaml, readText } from '../config/yaml.ts';
import { CONDITION_NAMES } from '../diagnosis/conditions.ts';
import { type ScenarioFile, scenarioKeys, scenarioSchema } from './scenario-schema.ts';

export type ReadScenario =
  | { readonly ok: true; readonly scenario: ScenarioFile; readonly source: Source }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Reads a scenario from a file, in YAML or JSON. Never throws for what a user wrote.
 *
 * @param entries the environments where the scenario names none
 */
export async function readScenario(
  path: string,
  files: FileReader,
  entries: readonly { readonly id: string; readonly name: string; readonly connection?: string }[] = [],
): Promise<ReadScenario> {
  const text = await readText(path, files);
  if (!text.ok) return { ok: false, problems: [{ ...wholeFile(path), what: text.what, remedy: text.remedy }] };
  const parsed = parseYaml(path, text.text);
  if (!parsed.ok) return { ok: false, problems: parsed.problems.map(inWordsOfThisFile) };
  const { source } = parsed;
  const result = scenarioSchema.safeParse(
    entries.length === 0 ? source.tree : { environments: entries, ...source.tree },
  );
  const issues = result.success ? [] : result.error.issues.flatMap((issue) => innermost(issue, []));
  const problems = issues.flatMap((issue) => problemsOf(issue, source));
  if (result.success) problems.push(...unknownNames(result.data, source));
  if (!result.success || problems.length > 0) return { ok: false, problems: firstProblems(sortProblems(problems)) };
  return { ok: true, scenario: result.data, source };
}

type Issue = z.core.$ZodIssue;
type Path = readonly (string | number)[];

/** What is wrong in that form of a value which somebody probably meant: the one that fails deepest inside. */
function innermost(issue: Issue, above: Path): readonly Issue[] {
  const path = [...above, ...(issue.path as Path)];
  const hasWords = issue.message.startsWith('must ');
  if (issue.code !== 'invalid_union' || hasWords || issue.errors.length === 0) return [{ ...issue, path: [...path] }];
  const forms = issue.errors.map((issues) => issues.flatMap((one) => innermost(one, path)));
  return forms.toSorted((one, other) => depthOf(other) - depthOf(one))[0]!;
}

function depthOf(issues: readonly Issue[]): number {
  const unknown = issues.filter(({ code }) => code === 'unrecognized_keys').length;
  return Math.max(...issues.map(({ path }) => path.length)) * 100 + unknown * 10 - issues.length;
}

function problemsOf(issue: Issue, source: Source): readonly Problem[] {
  const path = issue.path as Path;
  const parent = valueAt(source.tree, path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      ...source.locate([...path, key], 'key'),
      what: `unknown key ${quote(key)}`,
      remedy: remedyForUnknown(key, scenarioKeys()),
    }));
  }
  const words = issue.code === 'invalid_value' ? issue.values.map(String) : kindsIn(issue);
  const at = source.locate(path);
  if (words.length === 0)
    return [{ ...at, what: wordsOf(issue), remedy: 'docs/rehearse.md shows what a scenario has' }];
  if (parent === undefined)
    return [{ ...at, what: `needs a ${String(path.at(-1))}`, remedy: `one of: ${words.join(', ')}` }];
  return [
    { ...at, what: `${quote(String(parent))} is not known here`, remedy: remedyForUnknown(String(parent), words) },
  ];
}

/** The kinds of trouble, where there is none of this name. */
function kindsIn(issue: Issue): readonly string[] {
  return issue.code === 'invalid_union' && 'options' in issue ? (issue.options as unknown[]).map(String) : [];
}

function wordsOf({ message }: Issue): string {
  if (message.startsWith('must ')) return message;
  const type = /^Invalid input: expected (\w+), received (\w+)$/.exec(message);
  if (type?.[2] === 'undefined') return 'is missing';
  return type === null ? message : `must be ${/^[aeiou]/.test(type[1]!) ? 'an' : 'a'} ${type[1]}, not ${type[2]}`;
}

/** What names an environment, a connection or a condition that there is not. */
function unknownNames(scenario: ScenarioFile, source: Source): readonly Problem[] {
  const entries = scenario.environments ?? [];
  const known = {
    environments:
      entries.length === 0 ? null : entries.flatMap(({ id, name }) => [name, id]).filter((one) => one !== undefined),
    connections: [...new Set(['default', ...entries.map(({ connection }) => connection)])],
  };
  const unknown = (
    names: readonly string[] | undefined,
    list: readonly string[] | null,
    path: Path,
  ): readonly Problem[] =>
    (names ?? []).flatMap((name) =>
      list === null || list.includes(name)
        ? []
        : [{ ...source.locate(path), what: `there is no ${quote(name)} here`, remedy: remedyForUnknown(name, list) }],
    );
  const ofTroubles = scenario.troubles.flatMap((trouble, number) => [
    ...('environments' in trouble
      ? unknown(trouble.environments, known.environments, ['troubles', number, 'environments'])
      : []),
    ...('connections' in trouble
      ? unknown(trouble.connections, known.connections, ['troubles', number, 'connections'])
      : []),
    ...(trouble.to !== undefined && trouble.to <= trouble.from
      ? [
          {
            ...source.locate(['troubles', number, 'to']),
            what: 'must be later than from',
            remedy: 'from is minute 10 where it is not given',
          },
        ]
      : []),
  ]);
  const ofPages = (scenario.expect?.pages ?? []).flatMap(({ condition }, number) =>
    unknown([condition], CONDITION_NAMES, ['expect', 'pages', number, 'condition']),
  );
  return [...ofTroubles, ...ofPages];
}

function inWordsOfThisFile(problem: Problem): Problem {
  const isEmpty = problem.what === 'the file is empty' || problem.what === 'the file is not a map of options';
  return isEmpty ? { ...problem, remedy: 'begin with a key such as troubles:' } : problem;
}

function valueAt(tree: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[step] : undefined,
    tree,
  );
}
