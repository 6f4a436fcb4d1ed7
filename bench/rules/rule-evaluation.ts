import { ruleGroups } from '../../src/rules/groups.ts';
import { renderRules } from '../../src/rules/render.ts';
import { DEFAULT_RULE_OPTIONS, isAlert, type Rule } from '../../src/rules/rule.ts';
import { type Figure, median } from '../figure.ts';
import { PrometheusWithPast } from './prometheus-with-past.ts';

const ENVIRONMENTS = 1000;
const PASSES = 3;
const PER_MS = 30_000;
const INTERVAL_MS: Readonly<Record<string, number>> = { '30s': 30_000, '1m': 60_000, '2m': 120_000 };

/**
 * What the rules cost a real Prometheus for 1,000 environments with the scrapes of half an hour. CPU time, because a machine that
 * does something else makes everything last longer.
 */
export async function measureRuleEvaluation(): Promise<Figure[]> {
  // Slow groups have to have recorded once; what an evaluation costs does not depend on when the next one is due.
  const text = renderRules('prometheus', DEFAULT_RULE_OPTIONS).replaceAll(/interval: [12]m/g, 'interval: 30s');
  await using prometheus = await PrometheusWithPast.start(ENVIRONMENTS, text);
  // One environment in a hundred has no workers, and another one waits too long.
  await prometheus.until('count(anthropic_work_condition:avg)', ENVIRONMENTS / 100);
  await prometheus.until('count(anthropic_work_condition:last30m)', ENVIRONMENTS / 100);
  await prometheus.until('count(anthropic_work_wait:burn6h)', ENVIRONMENTS / 100);
  const at = await prometheus.valueOf('max(timestamp(anthropic_work_condition:avg))');
  const recorded = await prometheus.valueOf('count({__name__=~"anthropic_work_.*:.*"})');
  // Without what is looked back to, the result would be too good.
  const scraped = await prometheus.valueOf('min(count_over_time(anthropic_work_condition[30m]))');
  if (scraped < 50) throw new Error(`the windows have ${scraped} scrapes`);
  await prometheus.rest();
  const costs: GroupCost[] = [];
  for (const { interval, rules } of ruleGroups(DEFAULT_RULE_OPTIONS)) {
    costs.push({ interval, ...(await cost(prometheus, rules, at)) });
  }
  return [inEach30s(costs), { what: 'recorded series, 1 % of environments in trouble', result: recorded }];
}

interface GroupCost {
  readonly interval: string;
  /** CPU time of one evaluation of the group, and of each rule. */
  readonly ms: number;
  readonly each: readonly { readonly name: string; readonly ms: number }[];
}

/** Each group as often as it is due. */
function inEach30s(costs: readonly GroupCost[]): Figure {
  const share = ({ interval }: GroupCost) => PER_MS / INTERVAL_MS[interval]!;
  const result = costs.reduce((sum, one) => sum + one.ms * share(one), 0);
  const turns = Object.entries(Object.groupBy(costs, ({ interval }) => interval));
  const parts = turns.map(
    ([interval, some]) => `${some!.reduce((sum, { ms }) => sum + ms, 0).toFixed(0)} ms each ${interval}`,
  );
  const rules = costs.flatMap((one) => one.each.map(({ name, ms }) => ({ name, ms: ms * share(one) })));
  const most = rules.toSorted((a, b) => b.ms - a.ms).slice(0, 3);
  const names = most.map(({ name, ms }) => `${name} ${ms.toFixed(0)} ms`).join(', ');
  return {
    what: `CPU in each 30 s, ${ENVIRONMENTS} environments`,
    result,
    from: `${parts.join(', ')}; most for ${names}`,
  };
}

/** A moment of which Prometheus has no sample. */
const BEFORE_ALL = 0;

/**
 * All expressions once, as an evaluation takes them, and each by itself. Less what asking takes, which is the same at a
 * moment without samples: Prometheus parses a rule once, and asks itself without HTTP.
 */
async function cost(
  prometheus: PrometheusWithPast,
  rules: readonly Rule[],
  at: number,
): Promise<Pick<GroupCost, 'ms' | 'each'>> {
  const spentAt = async (some: readonly Rule[], moment: number) => {
    const before = await prometheus.cpuMs();
    // Counted, because an evaluation writes no JSON.
    for (const { expr } of some) {
      await prometheus.ask(`query?time=${moment}&query=${encodeURIComponent(`count(${expr})`)}`);
    }
    return (await prometheus.cpuMs()) - before;
  };
  const spent = async (some: readonly Rule[]) => (await spentAt(some, at)) - (await spentAt(some, BEFORE_ALL));
  await spent(rules);
  const passes: number[] = [];
  for (let pass = 0; pass < PASSES; pass++) passes.push(await spent(rules));
  const each: { name: string; ms: number }[] = [];
  for (const rule of rules) each.push({ name: nameOf(rule), ms: await spent([rule]) });
  return { ms: median(passes), each };
}

function nameOf(rule: Rule): string {
  return isAlert(rule) ? `${rule.alert.replace('AnthropicWork', '')} ${rule.labels.severity}` : rule.record;
}
