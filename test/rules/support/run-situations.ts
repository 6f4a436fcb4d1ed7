import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_RULE_OPTIONS } from '../../../src/rules/options.ts';
import { renderPrometheusRules } from '../../../src/rules/render-rules.ts';
import { ruleGroups } from '../../../src/rules/rule-groups.ts';
import { runTool, type ToolResult } from './promtool.ts';
import { withoutTexts } from './rule-subset.ts';
import type { Situation } from './situation.ts';
import { situationFile } from './situation-file.ts';

/** Runs situations against all rules, in a promtool of either line of versions. */
export async function runSituations(
  situations: readonly Situation[],
  promtool: 'promtool' | 'promtool-3',
): Promise<ToolResult> {
  const folder = await mkdtemp(join(tmpdir(), 'situations-'));
  try {
    const rules = renderPrometheusRules(withoutTexts(ruleGroups(DEFAULT_RULE_OPTIONS)));
    await writeFile(join(folder, 'rules.yaml'), rules);
    const file = join(folder, 'situations.json');
    await writeFile(file, situationFile(situations, { ruleFile: 'rules.yaml', rules }));
    return await runTool(promtool, ['test', 'rules', file]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
