import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ALERT_NAMES } from '../../src/rules/parts/alert-names.ts';

interface InhibitRule {
  readonly source_matchers: readonly string[];
  readonly target_matchers: readonly string[];
  readonly equal: readonly string[];
}

const text = (path: string) => readFileSync(new URL(`../../alerts/${path}`, import.meta.url), 'utf8');
const { inhibit_rules: rules } = parse(text('alertmanager.example.yml')) as {
  readonly inhibit_rules: readonly InhibitRule[];
};

/** Whether the matchers take an alert of this name; the other labels are left out. */
function takes(matchers: readonly string[], alert: string): boolean {
  return matchers.every((matcher) => {
    const [, label, operator, value] = /^(\w+) (=~|!~|=) "?(.*?)"?$/.exec(matcher)!;
    if (label !== 'alertname') return true;
    return operator === '=' ? value === alert : new RegExp(`^(?:${value})$`).test(alert) === (operator === '=~');
  });
}

const mutes = (source: string, target: string) =>
  rules.some(
    ({ source_matchers, target_matchers, equal }) =>
      takes(source_matchers, source) &&
      takes(target_matchers, target) &&
      (source === target || !equal.includes('alertname')),
  );

/** What a runbook says of which alert mutes which. */
const claims = ALERT_NAMES.flatMap((name) =>
  [...text(`runbooks/${name}.md`).matchAll(/^- \[(\w+)\]\([^)]*\): (.*)$/gm)].flatMap(([, other, words]) => [
    ...(words!.includes('mutes this one') ? [{ source: other!, target: name as string }] : []),
    ...(words!.includes('muted by this one') ? [{ source: name as string, target: other! }] : []),
  ]),
);

describe('the runbooks', () => {
  it('say of alerts that one mutes the other only what the example for Alertmanager does', () => {
    expect(claims.filter(({ source, target }) => !mutes(source, target))).toEqual([]);
  });

  it('say it of enough alerts to test', () => {
    expect(claims.length).toBeGreaterThan(15);
  });
});
