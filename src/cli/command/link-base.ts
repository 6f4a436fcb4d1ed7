import { InvalidArgumentError } from 'commander';

/** Why links cannot begin with an address, in the order in which it is looked for; the chart rejects the same. */
const FAULTS: readonly (readonly [found: RegExp, fault: string])[] = [
  [/[{}]/, 'It contains a brace, which Prometheus reads as a template.'],
  [/\$/, 'It contains a dollar sign, which Grafana reads as a variable.'],
  // Whoever sees an alert or a board would see the password.
  [/@/, 'It contains an @: links must not hold a user name or a password.'],
  [/[?#]/, 'It has a query or a fragment, after which no path can be appended.'],
  [/[\s"\\]/, 'It contains white space, a quote or a backslash.'],
];

/**
 * The address that links begin with, without a trailing slash, so that a path can follow.
 *
 * @throws InvalidArgumentError
 */
export function linkBase(text: string): string {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    throw new InvalidArgumentError('It is not an http or https address.');
  }
  const fault = FAULTS.find(([found]) => found.test(text));
  if (fault !== undefined) throw new InvalidArgumentError(fault[1]);
  return text.replace(/\/+$/, '');
}
