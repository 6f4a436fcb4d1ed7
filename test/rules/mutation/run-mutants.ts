import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { renderPrometheusRules } from '../../../src/rules/render-rules.ts';
import { isAlert, type Rule, type RuleGroup } from '../../../src/rules/rule.ts';
import { runTool, type ToolResult } from '../support/promtool.ts';
import { withoutTexts } from '../support/rule-subset.ts';
import { type Mutant, mutantsOf } from './mutants.ts';
import { type Round, roundsFor } from './rounds.ts';

/** `invalid`: Prometheus refuses to load it, so nobody could ship it. */
export type Fate = 'killed' | 'survived' | 'invalid';

export interface Verdict {
  readonly rule: string;
  readonly edit: string;
  readonly fate: Fate;
}

interface Trial {
  readonly index: number;
  readonly original: Rule;
  readonly mutant: Mutant;
  /** Test files that the mutant has not met yet, quick ones first. */
  readonly rounds: Round[];
}

/** promtool starts once for so many mutants: starting it costs more than a short case. */
const BATCH = 12;
const PROCESSES = 2;
/** What is tried with every rule first: one that fails as it is says nothing about its mutants. */
const UNCHANGED = 'unchanged';

/** Edits each rule in every way, one at a time, and runs the cases and situations about it until one of them fails. */
export async function runMutants(groups: readonly RuleGroup[], pattern: RegExp): Promise<readonly Verdict[]> {
  const folder = await mkdtemp(join(tmpdir(), 'rule-mutants-'));
  try {
    const trials = groups
      .flatMap(({ rules }) => rules)
      .filter((rule) => pattern.test(label(rule)))
      .flatMap((original) =>
        [{ rule: original, edit: UNCHANGED }, ...mutantsOf(original)].map((mutant) => ({
          original,
          mutant,
          rounds: roundsFor(groups, original),
        })),
      )
      .map((trial, index) => ({ ...trial, index }));
    const fates = new Map<number, Fate>();
    for (let open: Trial[] = trials.filter(({ rounds }) => rounds.length > 0); open.length > 0; ) {
      await meet(open, { folder, fates });
      open = open.filter(({ index, rounds }) => !fates.has(index) && rounds.length > 0);
    }
    const broken = trials.filter(({ index, mutant }) => mutant.edit === UNCHANGED && fates.has(index));
    if (broken.length > 0)
      throw new Error(`fail without any edit: ${broken.map(({ original }) => label(original)).join(', ')}`);
    const mutants = trials.filter(({ mutant }) => mutant.edit !== UNCHANGED);
    return mutants.map(({ index, original, mutant }) => ({
      rule: label(original),
      edit: mutant.edit,
      // One that nothing is about survives, too.
      fate: fates.get(index) ?? 'survived',
    }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function label(rule: Rule): string {
  if (!isAlert(rule)) return rule.record;
  return [rule.alert, ...Object.values(rule.labels).filter((value) => !value.startsWith('anthropic'))].join(' ');
}

/** One round for every open trial. */
async function meet(
  open: readonly Trial[],
  { folder, fates }: { folder: string; fates: Map<number, Fate> },
): Promise<void> {
  const batches = Array.from({ length: Math.ceil(open.length / BATCH) }, (_, at) =>
    open.slice(at * BATCH, (at + 1) * BATCH),
  );
  const work = async () => {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
      const files = await Promise.all(batch.map((trial) => writeTrial(trial, folder)));
      const tested = succeeded(await runTool('promtool', ['test', 'rules', ...files]));
      const fallen = batch.filter((_trial, at) => !tested.has(files[at]!));
      // Without a file promtool would read its standard input and wait.
      if (fallen.length === 0) continue;
      const loads = succeeded(
        await runTool('promtool', ['check', 'rules', ...fallen.map((one) => rulesOf(one, folder))]),
      );
      for (const trial of fallen) {
        fates.set(trial.index, loads.has(rulesOf(trial, folder)) ? 'killed' : 'invalid');
      }
    }
  };
  await Promise.all(Array.from({ length: PROCESSES }, work));
}

async function writeTrial(trial: Trial, folder: string): Promise<string> {
  const round = trial.rounds.shift()!;
  const own = dirname(rulesOf(trial, folder));
  await mkdir(own, { recursive: true });
  const rules = round.rules.map((group) => ({
    ...group,
    rules: group.rules.map((rule) => (rule === trial.original ? trial.mutant.rule : rule)),
  }));
  const text = renderPrometheusRules(withoutTexts(rules));
  await writeFile(join(own, 'rules.yaml'), text);
  await writeFile(join(own, 'test.json'), round.file({ ruleFile: 'rules.yaml', rules: text }));
  return join(own, 'test.json');
}

/** Files that promtool calls a success; it names failed ones on stderr without saying which is which. */
function succeeded({ stdout }: ToolResult): ReadonlySet<string> {
  return new Set([...stdout.matchAll(/^(?:Unit Testing: |Checking) (\S+)\n +SUCCESS/gm)].map((match) => match[1]!));
}

function rulesOf({ index }: Trial, folder: string): string {
  return join(folder, String(index), 'rules.yaml');
}
