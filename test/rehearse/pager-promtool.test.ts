import { expect, it } from 'vitest';
import { type Random, seededRandom } from '../../src/base/clock.ts';
import { alertOf, type ConditionName } from '../../src/diagnosis/conditions.ts';
import { Pager } from '../../src/rehearse/timeline.ts';
import { failuresOf, type RuleCase } from '../alerts/promtool.ts';
import { buildCondition, reportOf } from '../support/reports.ts';
import { PROMTOOL } from '../support/tools.ts';

const MINUTES = 100;
/** What a replica says: that it holds, that it does not, nothing, or it is away. */
const WORDS = ['1', '1', '0', '?', '_'] as const;
type Word = (typeof WORDS)[number];
/** Prometheus 2 counts what is exactly as old as its window, 3 does not: seconds that are a little shorter decide it. */
const SECOND = PROMTOOL === 'promtool' ? 1 - 1e-6 : 1;
/** Around each window of the rules. */
const LENGTHS = [0.5, 1, 2, 3, 4, 6, 7, 10, 11, 20, 31, 40];

const pick = <T>(random: Random, all: readonly T[]): T => all[Math.floor(random() * all.length)]!;

/** What a replica says at each scrape, twice a minute. */
function randomWords(random: Random): readonly Word[] {
  const words: Word[] = [];
  while (words.length <= 2 * MINUTES) {
    const word = pick(random, WORDS);
    for (let left = 2 * pick(random, LENGTHS); left > 0; left--) words.push(word);
  }
  return words;
}

/** A random history of some replicas, with what the pager of `rehearse` makes of it. */
function randomCase(seed: number): RuleCase {
  const random = seededRandom(seed);
  const name: ConditionName = seed % 2 === 0 ? 'no_workers' : 'not_readable';
  const replicas = new Map(['a', 'b', 'c'].slice(0, 1 + (seed % 3)).map((one) => [one, randomWords(random)]));
  const pager = new Pager();
  const firing: Record<number, number> = {};
  for (let scrape = 0; scrape <= 2 * MINUTES; scrape++) {
    for (const [instance, words] of replicas) {
      const word = words[scrape]!;
      const value = word === '1' ? 1 : word === '0' ? 0 : null;
      const said = buildCondition({ name, value, isRecent: value !== null });
      pager.scrape(30 * scrape * SECOND, instance, word === '_' ? null : reportOf(said));
    }
    const { size } = pager.firing(30 * scrape * SECOND);
    if (scrape % 2 === 0) firing[scrape / 2] = size;
  }
  const labels = `environment_id="env_1",environment_name="prod",condition="${name}",severity="critical"`;
  const series = [...replicas].map(([instance, words]) => [
    `anthropic_work_condition{job="anthropic-work-exporter",instance="${instance}",${labels}}`,
    words.map((word) => `${word}*0.5`).join(' '),
  ]);
  return { name: `seed ${seed}`, series: Object.fromEntries(series), alert: alertOf(name).slice(13), firing };
}

it('the pager of rehearse fires when the real rules do, whatever replicas say, and whenever they are away', async () => {
  const cases = Array.from({ length: 12 }, (_, seed) => randomCase(seed));
  const counts = cases.flatMap(({ firing }) => Object.values(firing));
  expect(new Set(counts)).toEqual(new Set([0, 1]));
  expect(await failuresOf(cases)).toBe('');
}, 120_000);
