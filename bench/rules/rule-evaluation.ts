import { renderRules } from '../../src/rules/generated-rules.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/options.ts';
import { RECORDED } from '../../src/rules/recorded.ts';
import { isAlert, type Rule } from '../../src/rules/rule.ts';
import { ruleGroups } from '../../src/rules/rule-groups.ts';
import { type Figure, median } from '../figure.ts';
import { PrometheusWithPast } from './prometheus-with-past.ts';

const ENVIRONMENTS = 1000;
const PASSES = 3;
/** How often a group is evaluated, as a goal names it. */
const TURNS = { '30s': 'every 30 s', '1m': 'every minute', '5m': 'every 5 min' } as const;

/**
 * What the rules cost a real Prometheus for 1,000 environments whose windows are full: with the scrapes of 20 minutes and
 * what was recorded in three days. CPU time, because a machine that does something else makes everything last longer.
 */
export async function measureRuleEvaluation(): Promise<Figure[]> {
  // Slow groups have to have recorded once; what an evaluation costs does not depend on when the next one is due.
  const text = renderRules('prometheus', DEFAULT_RULE_OPTIONS).replaceAll(/interval: [15]m/g, 'interval: 30s');
  await using prometheus = await PrometheusWithPast.start(ENVIRONMENTS, text);
  await prometheus.until(`count(${RECORDED.live} and ${RECORDED.longestWait} and ${RECORDED.waitOk})`, ENVIRONMENTS);
  const at = await prometheus.valueOf(`max(timestamp(${RECORDED.live}))`);
  const recorded = await prometheus.valueOf(
    'count(last_over_time({__name__=~"environment.*:.*", environment_id="env_1"}[6m]))',
  );
  // Without what is looked back to, the result would be too good.
  const scraped = await prometheus.valueOf('min(count_over_time(anthropic_work_queue_depth[15m]))');
  if (scraped < 20) throw new Error(`the windows have ${scraped} scrapes`);
  await prometheus.rest();
  const groups = ruleGroups(DEFAULT_RULE_OPTIONS);
  const figures: Figure[] = [];
  for (const [interval, turn] of Object.entries(TURNS)) {
    const rules = groups.filter((group) => group.interval === interval).flatMap((group) => group.rules);
    figures.push(await cost(prometheus, { what: `CPU, rules due ${turn}, ${ENVIRONMENTS} environments`, rules, at }));
  }
  return [...figures, { what: 'recorded series of an environment', result: recorded }];
}

/** All expressions once, as an evaluation takes them, and the rules that cost most. */
async function cost(
  prometheus: PrometheusWithPast,
  { what, rules, at }: { what: string; rules: readonly Rule[]; at: number },
): Promise<Figure> {
  const spent = async (some: readonly Rule[]) => {
    const before = await prometheus.cpuMs();
    // Counted, because an evaluation writes no JSON.
    for (const { expr } of some) await prometheus.ask(`query?time=${at}&query=${encodeURIComponent(`count(${expr})`)}`);
    return (await prometheus.cpuMs()) - before;
  };
  await spent(rules);
  const passes: number[] = [];
  for (let pass = 0; pass < PASSES; pass++) passes.push(await spent(rules));
  const each: { name: string; ms: number }[] = [];
  for (const rule of rules) each.push({ name: nameOf(rule), ms: await spent([rule]) });
  const most = each.toSorted((a, b) => b.ms - a.ms).slice(0, 3);
  const names = most.map(({ name, ms }) => `${name} ${ms.toFixed(0)} ms`).join(', ');
  return { what, result: median(passes), from: `most for ${names}` };
}

function nameOf(rule: Rule): string {
  return isAlert(rule) ? `${rule.alert.replace('AnthropicWork', '')} ${rule.labels.severity}` : rule.record;
}
