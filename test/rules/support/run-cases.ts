import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RuleGroup } from '../../../src/rules/parts/rule.ts';
import { renderPrometheusRules } from '../../../src/rules/render-rules.ts';
import { STEP_MINUTES } from './lines.ts';
import { runTool, type ToolResult } from './promtool.ts';
import { promtoolFile, subjectsOf } from './promtool-file.ts';
import type { RuleCase } from './rule-case.ts';
import { subset, withoutTexts } from './rule-subset.ts';

/** Runs whole cases against all rules, the others against nothing but those they are about. */
export async function runCases(
  cases: readonly RuleCase[],
  groups: readonly RuleGroup[],
  promtool: 'promtool' | 'promtool-3' = 'promtool',
): Promise<ToolResult> {
  const folder = await mkdtemp(join(tmpdir(), 'rule-cases-'));
  try {
    const files = [...batches(cases).values()].map(async (batch, index) => {
      const names = [...subjectsOf(batch[0]!)].map((name) => `AnthropicWork${name}`);
      const rules = batch[0]!.whole === true ? groups : subset(groups, names);
      const ruleFile = `${index}.rules.yaml`;
      const text = renderPrometheusRules(withoutTexts(rules));
      await writeFile(join(folder, ruleFile), text);
      await writeFile(join(folder, `${index}.test.json`), promtoolFile(batch, { ruleFile, rules: text }));
      return join(folder, `${index}.test.json`);
    });
    return await runTool(promtool, ['test', 'rules', ...(await Promise.all(files))]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
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
