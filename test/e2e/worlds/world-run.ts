import { shippedRules } from '../../../src/conditions/compile-rules.ts';
import { ExpositionReader } from '../../../src/conditions/exposition-reader.ts';
import { RuleEvaluator } from '../../../src/conditions/rule-evaluator.ts';
import { LabelSet } from '../../../src/promql/label-set.ts';
import type { AlertName } from '../../../src/rules/alert-names.ts';
import { DEFAULT_RULE_OPTIONS } from '../../../src/rules/options.ts';
import { type Simulator, startSimulator } from '../../../src/simulator/start-simulator.ts';
import { PRESETS } from '../../../src/wire/presets.ts';
import { StillClock, TIMEOUT_MS } from '../../support/still-clock.ts';
import { StillExporter } from '../../support/still-exporter.ts';
import type { RandomWorld } from './random-world.ts';

/** An alert from its first firing evaluation to the first without it. */
export interface Spell {
  readonly alert: string;
  readonly severity: string;
  readonly environmentId: string | null;
  /** Minutes since the exporter started. */
  readonly from: number;
  /** Null: it still fires. */
  to: number | null;
}

const TARGET = { job: DEFAULT_RULE_OPTIONS.job, instance: 'e' };
const UP = { name: 'up', labels: LabelSet.of(TARGET), value: 1 };
const STEP_MINUTES = 0.5;
/** It always fires. */
const WATCHDOG: AlertName = 'AnthropicWorkWatchdog';

/**
 * What somebody would be told: the world is simulated, read by the real exporter and judged by the shipped rules, all in
 * this process and on one clock that stands still while a request is under way.
 */
export async function playWorld(world: RandomWorld): Promise<readonly Spell[]> {
  const still = new StillClock();
  const { scenario, seed, environments, preset, switches } = world;
  const simulator = await startSimulator({ clock: still.api, scenario, seed, environments, preset, switches });
  const exporter = await StillExporter.prepared(still, configuration(simulator, world), seed);
  const rules = await shippedRules();
  const evaluator = new RuleEvaluator(rules);
  const reader = new ExpositionReader({ names: evaluator.scrapedNames, target: TARGET });
  const spells = new Spells();
  try {
    await exporter.start();
    for (let minute = 0; minute <= world.minutes; minute += STEP_MINUTES) {
      if (minute === world.begins) simulator.setFaults(world.faults);
      if (minute === world.ends) simulator.setFaults([]);
      await still.clock.advance(STEP_MINUTES * 60_000);
      evaluator.scraped([...(await reader.read(await exporter.render('prometheus'))), UP], minute * 60_000);
      await evaluator.evaluate(minute * 60_000);
      spells.look(minute, evaluator);
    }
  } finally {
    await exporter.stop();
    await simulator.stop();
  }
  return spells.all;
}

function configuration(simulator: Simulator, { preset, keys }: RandomWorld): unknown {
  return {
    api: {
      provider: preset,
      base_url: simulator.url,
      timeout: `${TIMEOUT_MS}ms`,
      ...(keys === 'environment-key' ? {} : { api_key: simulator.apiKey }),
      ...(PRESETS[preset].workspaceRequired ? { workspace_id: 'wrkspc_1' } : {}),
    },
    environments: simulator.environments.map(({ id, name, environmentKey }) => ({
      id,
      name,
      ...(keys === 'api-key' ? {} : { environment_key: environmentKey }),
    })),
  };
}

class Spells {
  readonly all: Spell[] = [];
  readonly #open = new Map<string, Spell>();

  look(minute: number, { active }: RuleEvaluator): void {
    const firing = new Set<string>();
    for (const { rule, labels, firedAt } of active) {
      const { severity } = rule.labels;
      if (firedAt === null || rule.alert === WATCHDOG || (severity !== 'critical' && severity !== 'warning')) continue;
      const environmentId = labels.values.environment_id ?? null;
      const key = [rule.alert, severity, environmentId].join(' ');
      firing.add(key);
      if (this.#open.has(key)) continue;
      const spell = { alert: rule.alert.replace('AnthropicWork', ''), severity, environmentId, from: minute, to: null };
      this.#open.set(key, spell);
      this.all.push(spell);
    }
    for (const [key, spell] of this.#open) {
      if (firing.has(key)) continue;
      spell.to = minute;
      this.#open.delete(key);
    }
  }
}
