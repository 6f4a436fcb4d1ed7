import { describe, expect, it } from 'vitest';
import type { AlertInstance } from '../../../src/conditions/evaluation/alert-instances.ts';
import { compileRules } from '../../../src/conditions/evaluation/compile-rules.ts';
import { RuleEvaluator } from '../../../src/conditions/evaluation/rule-evaluator.ts';
import { vectorOf } from '../../../src/promql/evaluate.ts';
import { LabelSet } from '../../../src/promql/store/label-set.ts';
import { parseExpression } from '../../../src/promql/syntax/parse-expression.ts';
import type { AlertingRule } from '../../../src/rules/parts/rule.ts';
import { LONG_WINDOWS } from '../../../src/rules/rule-groups.ts';
import { CASES } from '../../rules/cases/all-cases.ts';
import { SITUATIONS } from '../../rules/situations/all-situations.ts';
import { subjectsOf } from '../../rules/support/promtool-file.ts';
import type { Firing } from '../../rules/support/rule-case.ts';
import { JOB } from '../../rules/support/series.ts';
import type { Heard } from '../../rules/support/situation.ts';
import { playSeries } from '../play-series.ts';

const isFiring = ({ firedAt }: AlertInstance) => firedAt !== null;
/** Whether an alert says whose it is, so that it reaches somebody and can be silenced. */
const isPlaced = (labels: LabelSet) =>
  labels.get('job') === JOB && (labels.get('environment_id') === '') === (labels.get('environment_name') === '');
const keyOf = (labels: Readonly<Record<string, string>>) => JSON.stringify(Object.entries(labels).sort());
const wantedKey = ({ alert, labels }: Firing) => keyOf({ ...labels, alertname: `AnthropicWork${alert}` });

describe.each(Object.entries(CASES))('the exporter finds what promtool finds: edges of %s', (_part, cases) => {
  it.each(cases.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
    const checks = new Map(one.checks.map(([minute, ...firing]) => [minute, firing]));
    const about = new Set([...subjectsOf(one)].map((name) => `AnthropicWork${name}`));
    const found = new Map<number, string[]>();
    const until = Math.max(...checks.keys());
    const { every, restart, series } = one;
    const evaluated = (minute: number, active: readonly AlertInstance[]) => {
      if (!checks.has(minute)) return;
      const out = active.filter((alert) => isFiring(alert) && about.has(alert.rule.alert));
      found.set(minute, out.map(({ labels }) => keyOf(labels.values)).sort());
    };
    await playSeries({ series, until, every, restart, evaluated });
    expect(found).toEqual(new Map([...checks].map(([minute, firing]) => [minute, firing.map(wantedKey).sort()])));
  });
});

/** Each takes a good part of a second of CPU: one in four, and all with `SITUATIONS=all`. */
const PART = process.env.SITUATIONS === 'all' ? 1 : 4;

interface Told extends Heard {
  readonly severity: string;
  readonly by?: string;
}

describe.each(Object.entries(SITUATIONS))('and when each begins and ends: %s', (_part, situations) => {
  const part = situations.filter((_, index) => index % PART === 0);
  it.each(part.map((one) => [one.name, one] as const))('%s', async (_name, situation) => {
    const { series, minutes, restart, pages = [], tickets = [], muted = [] } = situation;
    const starts: Record<string, number> = {};
    const out = new Map<number, ReadonlySet<string>>();
    let before: ReadonlySet<string> = new Set();
    const evaluated = (minute: number, active: readonly AlertInstance[]) => {
      const heard = active.filter((alert) => isFiring(alert) && /critical|warning/.test(alert.rule.labels.severity));
      expect(
        heard.every(({ labels }) => isPlaced(labels)),
        'each says whose it is',
      ).toBe(true);
      const now = new Set(
        heard.map(
          ({ rule, labels }) =>
            `${rule.alert} ${rule.labels.severity} ${labels.get('environment_id')}${labels.get('told_by')}`,
        ),
      );
      for (const key of now) if (!before.has(key)) starts[key] = (starts[key] ?? 0) + 1;
      out.set(minute, now);
      before = now;
    };
    await playSeries({ series, until: minutes, restart, evaluated });
    const told: Told[] = [
      ...pages.map((one) => ({ ...one, severity: 'critical' })),
      ...tickets.map((one) => ({ ...one, severity: 'warning' })),
      ...muted,
    ];
    const key = ({ alert, severity, environment = 'e', by }: Told) =>
      `AnthropicWork${alert} ${severity} ${environment ?? ''}${by === `${alert}Anywhere` ? `AnthropicWork${by}` : ''}`;
    expect(starts).toEqual(Object.fromEntries(told.map((one) => [key(one), one.times ?? 1])));
    for (const one of told) {
      const [after, by] = one.starts ?? [];
      if (after !== undefined) expect([...out.get(after)!], 'too soon').not.toContain(key(one));
      if (by !== undefined) expect([...out.get(by)!], 'too late').toContain(key(one));
      if (one.over !== undefined) expect([...out.get(one.over)!], 'not over').not.toContain(key(one));
    }
  });
});

it('ends the series of an alert when the alert ends, so that a rule that asks what is firing now does not see it', async () => {
  const alert: AlertingRule = {
    ...{ alert: 'AnthropicWorkNoWorkers', expr: 'waiting > 0', for: null, keepFiringFor: null },
    ...{ labels: { severity: 'critical' }, annotations: {} as never },
  };
  const rules = [alert, { record: 'out', expr: 'ALERTS{alertname="AnthropicWorkNoWorkers"}' }];
  const evaluator = new RuleEvaluator(await compileRules([{ name: 'one', interval: '30s', rules }], parseExpression), [
    parseExpression('out'),
  ]);
  const out: number[] = [];
  for (const [turn, value] of [0, 1, 1, 0, 0].entries()) {
    evaluator.storeScrape([{ name: 'waiting', labels: [LabelSet.of({})], values: [value] }], turn * 30_000);
    await evaluator.evaluate(turn * 30_000);
    out.push(vectorOf(parseExpression('out'), { store: evaluator.store, at: turn * 30_000 }).length);
  }
  expect(out).toEqual([0, 1, 1, 0, 0]);
});

it('keeps what a rule records, which nothing has moved for longer than a value holds, and ends it when it is no more', async () => {
  const rules = [{ record: 'doubled', expr: '2 * (waiting > 0)' }];
  const evaluator = new RuleEvaluator(await compileRules([{ name: 'one', interval: '30s', rules }], parseExpression), [
    parseExpression('doubled'),
  ]);
  const recorded: number[][] = [];
  const scrapes = [...new Array(15).fill(3), 0, 0, 4];
  for (const [turn, value] of scrapes.entries()) {
    const at = turn * 30_000;
    evaluator.storeScrape([{ name: 'waiting', labels: [LabelSet.of({})], values: [value] }], at);
    await evaluator.evaluate(at);
    recorded.push(vectorOf(parseExpression('doubled'), { store: evaluator.store, at }).map((one) => one.value));
  }
  expect(recorded).toEqual([...new Array(15).fill([6]), [], [], [8]]);
  expect(evaluator.expressionsEvaluated).toBeLessThan(10);
});

it('evaluates a rule of long windows late where its moment was left out, and then at its moments again', async () => {
  const rules = [{ record: 'doubled', expr: '2 * waiting' }];
  const group = { name: LONG_WINDOWS, interval: '5m', rules } as const;
  const evaluator = new RuleEvaluator(await compileRules([group], parseExpression));
  const evaluated: number[] = [];
  for (const second of [0, 30, 270, 360, 390, 570, 600, 630, 1500, 1530, 1770, 1800]) {
    const before = evaluator.expressionsEvaluated;
    evaluator.storeScrape([{ name: 'waiting', labels: [LabelSet.of({})], values: [second] }], second * 1000);
    await evaluator.evaluate(second * 1000);
    if (evaluator.expressionsEvaluated > before) evaluated.push(second);
  }
  expect(evaluated).toEqual([0, 360, 600, 1500, 1800]);
});
