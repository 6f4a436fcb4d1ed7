import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RuleGroup } from '../../../src/rules/parts/rule.ts';
import { renderPrometheusRules } from '../../../src/rules/render-rules.ts';
import { STEP_MINUTES } from './lines.ts';
import { type Promtool, type ToolResult, testRules } from './promtool.ts';
import { promtoolFile, subjectsOf } from './promtool-file.ts';
import type { RuleCase } from './rule-case.ts';
import { ofJobs, subset, withoutTexts } from './rule-subset.ts';
import { wholeCasesFile } from './whole-cases-file.ts';

/**
 * Runs whole cases against all rules, side by side if there are several, and the others against nothing but those they
 * are about. A whole case by itself meets the rules exactly as they are shipped, but for their texts.
 */
export async function runCases(
  cases: readonly RuleCase[],
  groups: readonly RuleGroup[],
  promtool: Promtool = 'promtool',
): Promise<ToolResult> {
  const folder = await mkdtemp(join(tmpdir(), 'rule-cases-'));
  try {
    const files = [...batches(cases).values()].map(async (batch, index) => {
      const ruleFile = `${index}.rules.yaml`;
      const rules = renderPrometheusRules(withoutTexts(rulesFor(batch, groups)));
      await writeFile(join(folder, ruleFile), rules);
      const asFile = isSideBySide(batch) ? wholeCasesFile : promtoolFile;
      await writeFile(join(folder, `${index}.test.json`), asFile(batch, { ruleFile, rules }));
      return join(folder, `${index}.test.json`);
    });
    return await testRules(promtool, folder, await Promise.all(files));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function rulesFor(batch: readonly RuleCase[], groups: readonly RuleGroup[]): readonly RuleGroup[] {
  const jobs = batch.map(({ name }) => name);
  if (isSideBySide(batch)) return ofJobs(groups, jobs);
  const names = [...subjectsOf(batch[0]!)].map((name) => `AnthropicWork${name}`);
  return batch[0]!.whole === true ? groups : subset(groups, names);
}

function isSideBySide(batch: readonly RuleCase[]): boolean {
  return batch.length > 1 && batch[0]!.whole === true;
}

function batches(cases: readonly RuleCase[]): ReadonlyMap<string, RuleCase[]> {
  const found = new Map<string, RuleCase[]>();
  for (const one of cases) {
    const subjects = one.whole === true ? 'all' : [...subjectsOf(one)].toSorted().join(',');
    const key = `${subjects} every ${one.every ?? STEP_MINUTES}`;
    found.set(key, [...(found.get(key) ?? []), one]);
  }
  return found;
}
