import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { nodeFiles } from '../base/files.ts';
import { formatProblem, type Problem, type Source } from '../config/problem.ts';
import { readScenario } from '../simulator/scenario-schema.ts';
import { SCENARIO_NAMES, scriptNamed } from '../simulator/scenarios.ts';
import { type Script, type ScriptOptions, scriptOf } from '../simulator/script.ts';
import { CommandExit, EXIT } from './command.ts';

/** What `--scenario` names: one of the simulator's scenarios, or a file as docs/simulator.md describes it. @throws CommandExit */
export async function scenarioNamed(
  scenario: string,
  options: Pick<ScriptOptions, 'minutes' | 'seed' | 'environments'>,
): Promise<{ readonly script: Script; readonly source: Source | null }> {
  if (SCENARIO_NAMES.includes(scenario)) return { script: scriptNamed(scenario, options), source: null };
  if (!/[./\\]/.test(scenario) && !existsSync(scenario)) {
    const names = SCENARIO_NAMES.join(', ');
    throw new CommandExit(EXIT.usage, `--scenario: names no scenario, and no file; use a file, or one of: ${names}`);
  }
  const { environments, ...others } = options;
  const read = await readScenario(resolve(scenario), nodeFiles, environments);
  if (!read.ok) return failed(read.problems);
  return { script: scriptOf(read.scenario, { name: scenario, ...others }), source: read.source };
}

/** @throws CommandExit that says what is wrong */
export function failed(problems: readonly Problem[]): never {
  throw new CommandExit(EXIT.usage, problems.map(formatProblem).join('\n'));
}
