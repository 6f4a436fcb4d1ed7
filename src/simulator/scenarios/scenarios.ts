import { ExporterError } from '../../base/errors.ts';
import { looksLikeKey } from '../../base/key-shape.ts';
import { API_SCENARIOS } from './api-scenarios.ts';
import { NORMAL_SCENARIOS } from './normal-scenarios.ts';
import { QUEUE_SCENARIOS } from './queue-scenarios.ts';
import type { Scenario } from './scenario.ts';
import { SESSION_SCENARIOS } from './session-scenarios.ts';
import { WORKER_SCENARIOS } from './worker-scenarios.ts';

/** Every situation that the simulator can play. */
export const SCENARIOS: readonly Scenario[] = [
  ...QUEUE_SCENARIOS,
  ...WORKER_SCENARIOS,
  ...NORMAL_SCENARIOS,
  ...SESSION_SCENARIOS,
  ...API_SCENARIOS,
];

export const SCENARIO_NAMES: readonly string[] = SCENARIOS.map((scenario) => scenario.name);

/** @throws UnknownScenarioError */
export function scenarioNamed(name: string): Scenario {
  const scenario = SCENARIOS.find((candidate) => candidate.name === name);
  if (scenario === undefined) throw new UnknownScenarioError(name);
  return scenario;
}

export class UnknownScenarioError extends ExporterError {
  constructor(name: string) {
    const what = looksLikeKey(name)
      ? 'There is no such scenario'
      : `There is no scenario named ${JSON.stringify(name)}`;
    super('unknown_scenario', what, {
      remedy: `Use one of: ${SCENARIO_NAMES.join(', ')}.`,
    });
  }
}
