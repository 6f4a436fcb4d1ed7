import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_RULE_OPTIONS } from '../../../src/rules/parts/options.ts';
import { renderPrometheusRules } from '../../../src/rules/render-rules.ts';
import { ruleGroups } from '../../../src/rules/rule-groups.ts';
import { STEP_MINUTES } from './lines.ts';
import { type Promtool, type ToolResult, testRules } from './promtool.ts';
import { ofJobs, withoutTexts } from './rule-subset.ts';
import type { Situation } from './situation.ts';
import { jobOf, sideBySideFile } from './situation-file.ts';

/** Situations that share one run of promtool. */
export interface Play {
  readonly name: string;
  readonly situations: readonly Situation[];
}

/** Minutes up to which situations of a play go on: it is evaluated to the end of its longest. */
const BANDS = [40, 60, 90, Infinity] as const;

/**
 * Enough to share what a rule costs by itself, which for a minute of a play is as much as that of ten situations, and few
 * enough for two cores to have something to do each.
 */
const SIDE_BY_SIDE = 75;

/** Situations of like length are played side by side, which is many times faster than one by one. */
export function playsOf(situations: readonly Situation[]): Play[] {
  const alike = Map.groupBy(situations, ({ minutes, scrapeMinutes = STEP_MINUTES }) => {
    const band = BANDS.find((end) => minutes <= end);
    const length = band === Infinity ? 'longer' : `up to ${band} minutes`;
    // Its samples lie between those of all others.
    return scrapeMinutes < STEP_MINUTES ? `${length}, scraped every ${scrapeMinutes * 60} s` : length;
  });
  return [...alike].flatMap(([name, all]) =>
    evenChunks(all, SIDE_BY_SIDE).map((some, number) => ({
      name: number === 0 ? name : `${name}, part ${number + 1}`,
      situations: some,
    })),
  );
}

/** Runs a play in a promtool of either line of versions. */
export async function runPlay({ situations }: Play, promtool: Promtool): Promise<ToolResult> {
  const folder = await mkdtemp(join(tmpdir(), 'situations-'));
  const jobs = situations.map((one) => jobOf(one));
  const rules = renderPrometheusRules(withoutTexts(ofJobs(ruleGroups(DEFAULT_RULE_OPTIONS), jobs)));
  const file = join(folder, 'situations.json');
  try {
    await writeFile(join(folder, 'rules.yaml'), rules);
    await writeFile(file, sideBySideFile(situations, { ruleFile: 'rules.yaml', rules }));
    return await testRules(promtool, folder, [file]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** As few as there can be, since a short one costs nearly as much as a long one. */
function evenChunks<T>(all: readonly T[], atMost: number): T[][] {
  const count = Math.ceil(all.length / atMost);
  const start = (number: number) => Math.ceil((number * all.length) / count);
  return Array.from({ length: count }, (_, number) => all.slice(start(number), start(number + 1)));
}
