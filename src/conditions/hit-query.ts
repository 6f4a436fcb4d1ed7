import { DEFAULT_RULE_OPTIONS } from '../rules/options.ts';
import type { AlertingRule } from '../rules/rule.ts';

/** A series of the rules with one sample for each environment that a shared cause has hit. */
const LISTED = /\benvironment:\w+:info\b/;

/**
 * Asks for the environments that an alert about several of them is about: the text of the alert names them from a
 * recorded series, and this is the same series. Null if it names none.
 */
export function hitQuery({ annotations }: AlertingRule, connection: string | null): string | null {
  const series = LISTED.exec(annotations.description)?.[0];
  if (series === undefined) return null;
  const labels = { job: DEFAULT_RULE_OPTIONS.job, ...(connection === null ? {} : { connection }) };
  const matchers = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `${series}{${matchers.join(',')}}`;
}

/** All that it may ask, with any name of a connection. */
export function hitQueries(rule: AlertingRule): readonly string[] {
  return [null, ''].flatMap((connection) => hitQuery(rule, connection) ?? []);
}
