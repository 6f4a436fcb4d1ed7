import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RULE_OPTIONS } from '../../../src/rules/parts/options.ts';
import { renderPrometheusRules } from '../../../src/rules/render-rules.ts';
import { ruleGroups } from '../../../src/rules/rule-groups.ts';
import { SITUATIONS } from '../../rules/situations/all-situations.ts';
import { ofJobs, withoutTexts } from '../../rules/support/rule-subset.ts';
import { playsOf } from '../../rules/support/run-situations.ts';
import type { Heard, Situation } from '../../rules/support/situation.ts';
import { sideBySideFile } from '../../rules/support/situation-file.ts';
import { cachedRun } from '../../support/cached-run.ts';
import { FRUGAL_GO } from '../../support/frugal-go.ts';
import { runProgram } from '../../support/processes.ts';
import { toolPath } from '../../support/tool-path.ts';

/** What differs in vmalert, by situation: docs/operating.md#other-collectors says it in words. */
const DIFFERENT: readonly string[] = [
  'a crash loop: alive for 25 s, dead for five minutes',
  'items wait for eight minutes, hour after hour, though nothing else is wrong',
  'no worker count, and the key that the workers share is revoked',
  'heartbeats of Go workers hang one after the other in a large fleet',
  'the API key is revoked, five environments',
  'two environments are read with their own keys alone, and both are revoked: one page, which names the keys',
  'the API key is forbidden, two environments',
  'an exporter whose clock is ten minutes ahead of the API, and items that have just started, from the first moment',
  'six fleets die 1 min apart: nobody is told twice',
  'an environment is added whose fleet has been dead for an hour, an API key alone',
  'the API withholds ages, its clock is ten minutes ahead, and the fleet is dead: the list tells',
  'a crash loop in which one worker lives, and finishes what it takes',
  'a large fleet: sessions wake up, which looks like lapses, and some heartbeat always hangs',
  'sixty items at once, which the workers take one by one within forty minutes',
  'a fleet with a minimum dies while work waits: one page and no ticket beside it',
  'a crash loop in which for minutes one worker or another is alive, and no run finishes',
  'the same, and now and then a short run finishes: the page stays',
  'without a list, one worker with runs of seven minutes is seen for an hour and dies',
  'a queue so deep that it is a page by itself, worked off slowly after the repair: no page about its depth',
];

/**
 * A rule meets what the rules before it in its group recorded one evaluation later, through up to three of them, and an
 * increase looks at the sample before.
 */
const LATER_MINUTES = 1.5;

/** The shortest of each part that somebody hears of; all of them by hand, as in situations.test.ts. */
const CHOSEN = Object.values(SITUATIONS).flatMap((situations) => {
  const known = situations.filter(({ name }) => !DIFFERENT.includes(name));
  const heard = known.filter(({ pages = [], tickets = [] }) => pages.length + tickets.length > 0);
  return process.env.SITUATIONS === 'all' ? known : heard.toSorted((a, b) => a.minutes - b.minutes).slice(0, 1);
});

const later = (heard: Heard): Heard => ({
  ...heard,
  ...(heard.starts === undefined ? {} : { starts: [heard.starts[0], heard.starts[1] + LATER_MINUTES] as const }),
  ...(heard.over === undefined ? {} : { over: heard.over + LATER_MINUTES }),
});

function asVmalertTells({ pages = [], tickets = [], ...situation }: Situation): Situation {
  return { ...situation, pages: pages.map(later), tickets: tickets.map(later) };
}

/** Vmalert evaluates the rules of jobs with commas in their names at other times; no real job has one. */
const wordFor = (_situation: Situation, number: number) => `job-${number + 1}`;

async function runVmalertTool(
  situations: readonly Situation[],
): Promise<{ readonly ok: boolean; readonly output: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'vmalert-'));
  try {
    const jobs = situations.map(wordFor);
    const rules = renderPrometheusRules(withoutTexts(ofJobs(ruleGroups(DEFAULT_RULE_OPTIONS), jobs)));
    writeFileSync(join(folder, 'rules.yaml'), rules);
    const file = join(folder, 'situations.json');
    const text = sideBySideFile(situations.map(asVmalertTells), { ruleFile: 'rules.yaml', rules, jobs });
    writeFileSync(file, text.replaceAll('"promql_expr_test"', '"metricsql_expr_test"'));
    const args = ['unittest', '--disableAlertgroupLabel', `--files=${file}`];
    const program = toolPath('vmalert-tool');
    return await cachedRun({ program, args, folder }, async () => {
      const { code, stdout, stderr } = await runProgram(program, args, { env: { TMPDIR: folder, ...FRUGAL_GO } });
      const names = situations.map(({ name }, number) => `${jobs[number]}: ${name}`);
      return { ok: code === 0 && stdout.includes('SUCCESS'), output: [...names, stdout, stderr].join('\n') };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('what must come of it, in vmalert', () => {
  it.each(playsOf(CHOSEN))('$name', { timeout: 600_000 }, async ({ situations }) => {
    const { ok, output } = await runVmalertTool(situations);
    expect(ok, output).toBe(true);
  });

  it('notices what does not come, beside what does', { timeout: 600_000 }, async () => {
    const [situation] = SITUATIONS.visibility!;
    const wrong = { ...situation!, name: 'wrong', tickets: [], pages: [{ alert: 'Saturated' as const }] };
    const { ok, output } = await runVmalertTool([situation!, wrong]);
    expect(ok).toBe(false);
    expect(output).toContain('AnthropicWorkSaturated');
    expect(output).not.toMatch(/job=\\?"job-1/);
  });

  it('leaves out only situations that there are', () => {
    const names = Object.values(SITUATIONS).flatMap((situations) => situations.map(({ name }) => name));
    expect(names).toEqual(expect.arrayContaining([...DIFFERENT]));
  });
});
