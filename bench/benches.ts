import type { Figure } from './figure.ts';
import { measureListCost } from './list/list-cost.ts';
import { measureCpuPerPoll } from './polls/polls.ts';
import { measureIdle, measureMemory, measureStart } from './process/process.ts';
import { measureRuleEvaluation } from './rules/rule-evaluation.ts';
import { measureScrape } from './scrape/scrape.ts';

/** What `npm run bench` measures, in this order, and what each is called for `npm run bench -- NAME`. */
export const BENCHES = {
  polls: measureCpuPerPoll,
  scrape: measureScrape,
  memory: measureMemory,
  idle: measureIdle,
  start: measureStart,
  list: measureListCost,
  rules: measureRuleEvaluation,
} as const satisfies Record<string, () => Promise<readonly Figure[]>>;

export type BenchName = keyof typeof BENCHES;
