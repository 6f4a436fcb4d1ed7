import type { Figure } from './figure.ts';
import type { BenchName } from './goals.ts';
import { measureListCost } from './list/list-cost.ts';
import { measureCpuPerPoll } from './polls/polls.ts';
import { measureIdle, measureMemory, measureStart } from './process/process.ts';
import { measureRuleEvaluation } from './rules/rule-evaluation.ts';
import { measureScrape } from './scrape/scrape.ts';

/** How each bench measures its rows. */
export const BENCHES: Readonly<Record<BenchName, () => Promise<readonly Figure[]>>> = {
  polls: measureCpuPerPoll,
  scrape: measureScrape,
  memory: measureMemory,
  idle: measureIdle,
  start: measureStart,
  list: measureListCost,
  rules: measureRuleEvaluation,
};
