import type { AlertingRule } from '../../rules/parts/rule.ts';

/** How the text of an alert asks for the names of several environments: a query, and what stands for each `%q` in it. */
const NAMES = /printf `topk\(\d+, ([^`]+)\)` ([^|]+) \| query/;

/**
 * Asks for the environments that an alert about several of them is about: what its text asks for their names, and not
 * for the first ten alone. Null if the text names none.
 */
export function hitQuery({ annotations }: AlertingRule, labels: Readonly<Record<string, string>>): string | null {
  const [, query, values] = NAMES.exec(annotations.description) ?? [];
  if (query === undefined || values === undefined) return null;
  const given = values.split(' ').map((value) => labels[value.replace('$labels.', '')] ?? '');
  return query.replaceAll('%q', () => JSON.stringify(given.shift()));
}
