import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/options.ts';
import { renderPrometheusRules } from '../../src/rules/render-rules.ts';
import { ruleGroups } from '../../src/rules/rule-groups.ts';
import { runProgram } from '../support/processes.ts';
import { toolPath } from '../support/tool-path.ts';
import { SITUATIONS } from './situations/all-situations.ts';
import { withoutTexts } from './support/rule-subset.ts';
import type { Heard, Situation } from './support/situation.ts';
import { situationFile } from './support/situation-file.ts';

/** What differs in vmalert, by situation: docs/operating.md#other-collectors says it in words. */
const DIFFERENT: readonly string[] = [
  'a crash loop: alive for 25 s, dead for five minutes',
  'items wait for eight minutes, hour after hour, though nothing else is wrong',
];

/**
 * A rule meets what the rules before it in its group recorded one evaluation later, through up to three of them, and an
 * increase looks at the sample before.
 */
const LATER_MINUTES = 1.5;

/** The shortest of each part that somebody hears of; all of them by hand, as in situations.test.ts. */
const CASES = Object.entries(SITUATIONS).flatMap(([part, situations]) => {
  const known = situations.filter(({ name }) => !DIFFERENT.includes(name));
  const heard = known.filter(({ pages = [], tickets = [] }) => pages.length + tickets.length > 0);
  const chosen = process.env.SITUATIONS === 'all' ? known : heard.toSorted((a, b) => a.minutes - b.minutes).slice(0, 1);
  return chosen.map((situation) => [part, situation.name, situation] as const);
});

const later = (heard: Heard): Heard => ({
  ...heard,
  ...(heard.starts === undefined ? {} : { starts: [heard.starts[0], heard.starts[1] + LATER_MINUTES] as const }),
  ...(heard.over === undefined ? {} : { over: heard.over + LATER_MINUTES }),
});

function asVmalertReadsIt({ pages = [], tickets = [], ...situation }: Situation, rules: string): string {
  const file = situationFile([{ ...situation, pages: pages.map(later), tickets: tickets.map(later) }], {
    ruleFile: 'rules.yaml',
    rules,
  });
  return file.replaceAll('"promql_expr_test"', '"metricsql_expr_test"');
}

async function runVmalertTool(situation: Situation): Promise<{ readonly ok: boolean; readonly output: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'vmalert-'));
  try {
    const rules = renderPrometheusRules(withoutTexts(ruleGroups(DEFAULT_RULE_OPTIONS)));
    writeFileSync(join(folder, 'rules.yaml'), rules);
    const file = join(folder, 'situation.json');
    writeFileSync(file, asVmalertReadsIt(situation, rules));
    const args = ['unittest', '--disableAlertgroupLabel', `--files=${file}`];
    const { code, stdout, stderr } = await runProgram(toolPath('vmalert-tool'), args, { env: { TMPDIR: folder } });
    return { ok: code === 0 && stdout.includes('SUCCESS'), output: `${stdout}${stderr}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('what must come of it, in vmalert', () => {
  it.each(CASES)('%s: %s', { timeout: 120_000 }, async (_part, _name, situation) => {
    const { ok, output } = await runVmalertTool(situation);
    expect(ok, output).toBe(true);
  });

  it('notices what does not come', { timeout: 120_000 }, async () => {
    const [situation] = SITUATIONS.visibility!;
    const { ok, output } = await runVmalertTool({ ...situation!, tickets: [], pages: [{ alert: 'Saturated' }] });
    expect(ok).toBe(false);
    expect(output).toContain('AnthropicWorkSaturated');
  });

  it('leaves out only situations that there are', () => {
    const names = Object.values(SITUATIONS).flatMap((situations) => situations.map(({ name }) => name));
    expect(names).toEqual(expect.arrayContaining([...DIFFERENT]));
  });
});
