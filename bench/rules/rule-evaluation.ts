import { renderRules, ruleGroups } from '../../src/rules/render.ts';
import { DEFAULT_RULE_OPTIONS, type Rule } from '../../src/rules/rule.ts';
import { median } from '../processes.ts';
import type { Figures } from '../run.ts';
import { PrometheusWithPast } from './prometheus-with-past.ts';

const ENVIRONMENTS = 1000;
const PASSES = 3;
const PER_MS = 30_000;
const INTERVAL_MS: Readonly<Record<string, number>> = { '30s': 30_000, '1m': 60_000, '2m': 120_000 };

/**
 * What the rules cost a real Prometheus for 1,000 environments with the scrapes of half an hour. CPU time, because a machine that
 * does something else makes everything last longer.
 */
export async function measureRules(): Promise<Figures> {
  // Slow groups have to have recorded once; what an evaluation costs does not depend on when the next one is due.
  const text = renderRules('prometheus', DEFAULT_RULE_OPTIONS).replaceAll(/interval: [12]m/g, 'interval: 30s');
  await using prometheus = await PrometheusWithPast.start(ENVIRONMENTS, text);
  // One environment in a hundred has no workers, and another one waits too long.
  await prometheus.until('count(anthropic_work_condition:avg)', ENVIRONMENTS / 100);
  await prometheus.until('count(anthropic_work_wait:burn6h)', ENVIRONMENTS / 100);
  const at = await prometheus.valueOf('max(timestamp(anthropic_work_condition:avg))');
  // Without what is looked back to, the result would be too good.
  const scraped = await prometheus.valueOf('min(count_over_time(anthropic_work_condition[30m]))');
  if (scraped < 50) throw new Error(`the windows have ${scraped} scrapes`);
  await prometheus.rest();
  let result = 0;
  // Each group as often as it is due.
  for (const { interval, rules } of ruleGroups(DEFAULT_RULE_OPTIONS)) {
    result += (await cost(prometheus, rules, at)) * (PER_MS / INTERVAL_MS[interval]!);
  }
  return { 'CPU of Prometheus in each 30 s, 1,000 environments': [result] };
}

/** A moment of which Prometheus has no sample. */
const BEFORE_ALL = 0;

/**
 * CPU time of all expressions once. Less what asking takes, which is the same at a moment without samples: Prometheus
 * parses a rule once, and asks itself without HTTP.
 */
async function cost(prometheus: PrometheusWithPast, rules: readonly Rule[], at: number): Promise<number> {
  const spentAt = async (moment: number) => {
    const before = await prometheus.cpuMs();
    // Counted, because an evaluation writes no JSON.
    for (const { expr } of rules) {
      await prometheus.ask(`query?time=${moment}&query=${encodeURIComponent(`count(${expr})`)}`);
    }
    return (await prometheus.cpuMs()) - before;
  };
  const passes: number[] = [];
  for (let pass = 0; pass <= PASSES; pass++) passes.push((await spentAt(at)) - (await spentAt(BEFORE_ALL)));
  return median(passes.slice(1));
}
