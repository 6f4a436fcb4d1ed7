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

/** Minutes up to which situations of a file go on: a file is evaluated to the end of its longest. */
const BANDS = [30, 40, 60, 90, 130, 200, Infinity] as const;

/**
 * Runs situations in a promtool of either line of versions: side by side, which is many times faster, and one after the
 * other where the exporter itself is away, because `absent()` cannot tell one job from another.
 */
export async function runSituations(situations: readonly Situation[], promtool: Promtool): Promise<ToolResult> {
  const folder = await mkdtemp(join(tmpdir(), 'situations-'));
  const groups = ruleGroups(DEFAULT_RULE_OPTIONS);
  const ownJob = renderPrometheusRules(withoutTexts(groups));
  const everyJob = rulesOfEveryJob(groups);
  const away = situations.filter((one) => exporterGoesAway(one));
  const bands = BANDS.map((end, index) =>
    situations.filter((one) => !away.includes(one) && one.minutes <= end && one.minutes > (BANDS[index - 1] ?? 0)),
  );
  try {
    await writeFile(join(folder, 'own.yaml'), ownJob);
    await writeFile(join(folder, 'every.yaml'), everyJob);
    const texts = [
      ...bands.map((band) => [band, sideBySideFile(band, { ruleFile: 'every.yaml', rules: everyJob })] as const),
      [away, situationFile(away, { ruleFile: 'own.yaml', rules: ownJob })] as const,
    ].filter(([some]) => some.length > 0);
    const files = texts.map((_, index) => join(folder, `${index}.json`));
    await Promise.all(texts.map(([, text], index) => writeFile(files[index]!, text)));
    return await runTool(promtool, ['test', 'rules', ...files]);
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
