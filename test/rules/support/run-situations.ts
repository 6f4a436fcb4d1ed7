import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_RULE_OPTIONS } from '../../../src/rules/options.ts';
import { renderPrometheusRules } from '../../../src/rules/render-rules.ts';
import type { RuleGroup } from '../../../src/rules/rule.ts';
import { ruleGroups } from '../../../src/rules/rule-groups.ts';
import { runTool, type ToolResult } from './promtool.ts';
import { ofAnyJob, withoutTexts } from './rule-subset.ts';
import { JOB } from './series.ts';
import type { Situation } from './situation.ts';
import { sideBySideFile, situationFile } from './situation-file.ts';

type Promtool = 'promtool' | 'promtool-3';

/** Situations that share one run of promtool. */
export interface Play {
  readonly name: string;
  readonly situations: readonly Situation[];
  readonly sideBySide: boolean;
}

/** Minutes up to which situations of a play go on: it is evaluated to the end of its longest. */
const BANDS = [40, 60, 90, 130, Infinity] as const;

/** Enough to share what a rule costs by itself, and few enough for two cores to have something to do each. */
const SIDE_BY_SIDE = 50;

/**
 * Situations of like length and scrape interval side by side, which is many times faster, and one after the other where
 * the exporter itself is away, because `absent()` cannot tell one job from another.
 */
export function playsOf(situations: readonly Situation[]): Play[] {
  const [away, present] = split(situations, exporterGoesAway);
  const alike = Map.groupBy(present, ({ minutes, scrapeMinutes }) => {
    const band = BANDS.find((end) => minutes <= end);
    return `${band === Infinity ? 'longer' : `up to ${band} minutes`}${scrapeMinutes === undefined ? '' : `, scraped every ${scrapeMinutes * 60} s`}`;
  });
  const plays = [...alike].flatMap(([name, all]) =>
    chunks(all, SIDE_BY_SIDE).map((some, number) => ({
      name: number === 0 ? name : `${name}, part ${number + 1}`,
      situations: some,
      sideBySide: true,
    })),
  );
  return away.length === 0
    ? plays
    : [...plays, { name: 'the exporter goes away', situations: away, sideBySide: false }];
}

/** Runs a play in a promtool of either line of versions. */
export async function runPlay({ situations, sideBySide }: Play, promtool: Promtool): Promise<ToolResult> {
  const folder = await mkdtemp(join(tmpdir(), 'situations-'));
  const groups = ruleGroups(DEFAULT_RULE_OPTIONS);
  const rules = sideBySide ? rulesOfEveryJob(groups) : renderPrometheusRules(withoutTexts(groups));
  const toFile = sideBySide ? sideBySideFile : situationFile;
  const file = join(folder, 'situations.json');
  try {
    await writeFile(join(folder, 'rules.yaml'), rules);
    await writeFile(file, toFile(situations, { ruleFile: 'rules.yaml', rules }));
    return await runTool(promtool, ['test', 'rules', file]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function exporterGoesAway({ series, pages = [] }: Situation): boolean {
  return (
    series.some(({ name, line }) => name === 'up' && line !== 1) ||
    pages.some(({ alert }) => alert === 'ExporterAbsent')
  );
}

/** The rules as they are, but that they read every job. */
function rulesOfEveryJob(groups: readonly RuleGroup[]): string {
  return renderPrometheusRules(withoutTexts(ofAnyJob(groups))).replaceAll(`job="${JOB}"`, 'job=~".+"');
}

function split<T>(all: readonly T[], test: (one: T) => boolean): [yes: T[], no: T[]] {
  return [all.filter((one) => test(one)), all.filter((one) => !test(one))];
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, number) =>
    all.slice(number * size, (number + 1) * size),
  );
}
