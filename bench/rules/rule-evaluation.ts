import { renderRules } from '../../src/rules/generated-rules.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/options.ts';
import { RECORDED } from '../../src/rules/recorded.ts';
import { isAlert, type Rule } from '../../src/rules/rule.ts';
import { ruleGroups } from '../../src/rules/rule-groups.ts';
import { type Figure, median } from '../figure.ts';
import { PrometheusWithPast } from './prometheus-with-past.ts';

const ENVIRONMENTS = 1000;
const PASSES = 3;
const SLOW_INTERVAL = '5m';

/**
 * What the rules cost a real Prometheus for 1,000 environments whose windows are full: with the scrapes of 20 minutes and
 * what was recorded in three days. CPU time, because a machine that does something else makes everything last longer.
 */
export async function measureRuleEvaluation(): Promise<Figure[]> {
  // The slow group has to have recorded once; what an evaluation costs does not depend on when the next one is due.
  const text = renderRules('prometheus', DEFAULT_RULE_OPTIONS).replace(`interval: ${SLOW_INTERVAL}`, 'interval: 30s');
  await using prometheus = await PrometheusWithPast.start(ENVIRONMENTS, text);
  await prometheus.until(`count(${RECORDED.arrivals} and ${RECORDED.waitOk})`, ENVIRONMENTS);
  const at = await prometheus.valueOf(`max(timestamp(${RECORDED.waitOk}))`);
  const recorded = await prometheus.valueOf(
    'count(last_over_time({__name__=~"environment.*:.*", environment_id="env_1"}[6m]))',
  );
  // Without what is looked back to, the result would be too good.
  const scraped = await prometheus.valueOf('min(count_over_time(anthropic_work_queue_depth[15m]))');
  if (scraped < 20) throw new Error(`the windows have ${scraped} scrapes`);
  await prometheus.rest();
  const groups = ruleGroups(DEFAULT_RULE_OPTIONS);
  const rulesOf = (isSlow: boolean) =>
    groups.filter(({ interval }) => (interval === SLOW_INTERVAL) === isSlow).flatMap(({ rules }) => rules);
  return [
    await cost(prometheus, {
      what: `CPU, rules due every 30 s, ${ENVIRONMENTS} environments`,
      rules: rulesOf(false),
      at,
    }),
    await cost(prometheus, {
      what: `CPU, rules due every 5 min, ${ENVIRONMENTS} environments`,
      rules: rulesOf(true),
      at,
    }),
    { what: 'recorded series of an environment', result: recorded },
  ];
}

/** All expressions once, as an evaluation takes them, and the rules that cost most. */
async function cost(
  prometheus: PrometheusWithPast,
  { what, rules, at }: { what: string; rules: readonly Rule[]; at: number },
): Promise<Figure> {
  const spent = async (some: readonly Rule[]) => {
    const before = await prometheus.cpuMs();
    for (const { expr } of some) await prometheus.ask(`query?time=${at}&query=${encodeURIComponent(expr)}`);
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
