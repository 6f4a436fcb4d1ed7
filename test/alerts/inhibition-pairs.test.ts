import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/parts/options.ts';
import { isAlert } from '../../src/rules/parts/rule.ts';
import { ruleGroups } from '../../src/rules/rule-groups.ts';
import { TEXTS } from '../rules/support/alert-texts.ts';
import { waitUntil } from '../support/wait-until.ts';
import { EXAMPLE, exampleWith, type Program, startAlertmanager } from './alertmanager-process.ts';
import { type Kind, kindOf, PAIRS } from './inhibition-pairs.ts';

type Labels = Readonly<Record<string, string>>;
interface InhibitRule {
  readonly source_matchers: readonly string[];
  readonly target_matchers: readonly string[];
}

/** An alert whose labels have all the same values, but for one. */
const alertOf = ({ name, severity, labels }: Kind, job: string, other: string | null, more: Labels = {}): Labels => ({
  alertname: `AnthropicWork${name}`,
  severity,
  ...Object.fromEntries(
    ['job', 'cluster', ...labels].map((label) => {
      const value = label === 'job' ? job : 'same';
      return [label, label === other ? `${value}, but other` : value];
    }),
  ),
  ...more,
});

/** Each pair where everything is the same, and where one of the labels that must be the same is not. */
const PLAYS = PAIRS.flatMap(({ source, target, shared }) => {
  const toldBy = source.name === `${target.name}Anywhere` && target.severity === 'critical';
  return [null, ...shared].map((other) => {
    const what = `${source.name} ${source.severity} and ${target.name} ${target.severity}`;
    const name = `${what}: ${other === null ? 'all is the same' : `another ${other}`}`;
    const more = toldBy ? { told_by: `AnthropicWork${source.name}` } : {};
    return {
      ...{ name, other },
      source: alertOf(source, name, null),
      target: alertOf(target, name, other, more),
    };
  });
});

const namesOf = (matchers: readonly string[]) => {
  const matcher = matchers.find((one) => /^alertname =~? /.test(one)) ?? '';
  return /AnthropicWork\(([^)]+)\)/.exec(matcher)?.[1]?.split('|') ?? /AnthropicWork(\w+)$/.exec(matcher)?.slice(1);
};

describe('what mutes what, in a real Alertmanager', () => {
  let alertmanager: Program;
  const states = new Map<string, string>();
  const key = (labels: Labels) => JSON.stringify(Object.entries(labels).toSorted());
  const stateOf = (labels: Labels) => states.get(key(labels));

  beforeAll(async () => {
    alertmanager = await startAlertmanager(
      await exampleWith(({ receivers }) => {
        for (const receiver of receivers) delete receiver.webhook_configs;
      }),
    );
    const alerts = PLAYS.flatMap(({ source, target }) => [source, target]);
    const posted = await fetch(`${alertmanager.url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(alerts.map((labels) => ({ labels }))),
    });
    expect(posted.status).toBe(200);
    const look = async () => {
      const answer = await fetch(`${alertmanager.url}/api/v2/alerts`);
      const known = (await answer.json()) as { labels: Labels; status: { state: string } }[];
      for (const { labels, status } of known) states.set(key(labels), status.state);
      // The inhibitor may hear of a source later than of its target.
      return (
        alerts.every((labels) => ['active', 'suppressed'].includes(stateOf(labels) ?? '')) &&
        PLAYS.every(({ target, other }) => other !== null || stateOf(target) === 'suppressed')
      );
    };
    await waitUntil(look, { what: 'what is to be muted to be muted', everyMs: 100 });
  });
  afterAll(async () => alertmanager?.[Symbol.asyncDispose]());

  it.each(PLAYS)('$name', ({ source, target, other }) => {
    expect([stateOf(source), stateOf(target)]).toEqual(['active', other === null ? 'suppressed' : 'active']);
  });
});

it('the table has every pair of names that the configuration has', async () => {
  const { inhibit_rules: rules } = parse(await readFile(EXAMPLE, 'utf8')) as { inhibit_rules: InhibitRule[] };
  const configured = rules.flatMap(({ source_matchers, target_matchers }) =>
    (namesOf(source_matchers) ?? []).flatMap((source) =>
      (namesOf(target_matchers) ?? []).map((target) => `${source} → ${target}`),
    ),
  );
  const table = new Set(PAIRS.map(({ source, target }) => `${source.name} → ${target.name}`));
  expect(configured.filter((pair) => !table.has(pair))).toEqual([]);
});

/** Every severity that an alert has. */
const SEVERITIES = new Map(
  Map.groupBy(
    ruleGroups(DEFAULT_RULE_OPTIONS).flatMap(({ rules }) => rules.filter(isAlert)),
    ({ alert }) => alert,
  )
    .entries()
    .map(([name, rules]) => [name.replace('AnthropicWork', ''), rules.map(({ labels }) => labels.severity)]),
);

it('mutes no page that may have been sent to another group: its end would not be told, nor the next one', async () => {
  const { inhibit_rules: rules } = parse(await readFile(EXAMPLE, 'utf8')) as {
    inhibit_rules: (InhibitRule & { readonly equal: readonly string[] })[];
  };
  const pagesOf = ({ target_matchers: matchers }: InhibitRule) => {
    const severity = /^severity =~? "?([\w|]+)"?$/.exec(matchers.find((one) => one.startsWith('severity')) ?? '')?.[1];
    if (severity !== undefined && !severity.split('|').includes('critical')) return [];
    return (namesOf(matchers) ?? ['any']).filter((name) => SEVERITIES.get(name)?.includes('critical') ?? true);
  };
  // Pages of one environment are one group, and those with the other label were never sent.
  const isHarmless = ({ target_matchers, equal }: InhibitRule & { readonly equal: readonly string[] }) =>
    equal.includes('environment_id') || target_matchers.some((one) => one.startsWith('told_by = '));
  expect(rules.filter((rule) => !isHarmless(rule)).flatMap(pagesOf)).toEqual([]);
  expect(rules.flatMap(pagesOf).length).toBeGreaterThan(5);
});

it.each(TEXTS)('the table says what tells alerts apart: $name', ({ alert, labels: { severity, ...labels } }) => {
  const about = Object.keys(labels).filter((label) => !['job', 'environment_name', 'told_by'].includes(label));
  expect(about).toEqual(expect.arrayContaining([...kindOf(`${alert} ${severity}`).labels]));
});
