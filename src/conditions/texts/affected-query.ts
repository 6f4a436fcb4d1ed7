import type { AlertingRule } from '../../rules/parts/rule.ts';

/** How the text of an alert asks for the names of several environments: a query, and what stands for each `%q` in it. */
const NAMES_QUERY = /printf `topk\(\d+, ([^`]+)\)` ([^|]+) \| query/;

/**
 * A query for all environments that an alert about several of them affects: the one with which its description names the
 * first ten, without that limit. Null if the description names none.
 */
export function affectedQuery({ annotations }: AlertingRule, labels: Readonly<Record<string, string>>): string | null {
  const [, query, values] = NAMES_QUERY.exec(annotations.description) ?? [];
  if (query === undefined || values === undefined) return null;
  const labelValues = values.split(' ').map((value) => labels[value.replace('$labels.', '')] ?? '');
  return query.replaceAll('%q', () => JSON.stringify(labelValues.shift()));
}
