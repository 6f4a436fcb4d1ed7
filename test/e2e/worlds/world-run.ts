import { seededRandom } from '../../../src/base/random.ts';
import { shippedRules } from '../../../src/conditions/evaluation/compile-rules.ts';
import { RuleEvaluator } from '../../../src/conditions/evaluation/rule-evaluator.ts';
import { type Simulator, startSimulator } from '../../../src/simulator/start-simulator.ts';
import { ANTHROPIC_VERSION, MANAGED_AGENTS_BETA, PRESETS } from '../../../src/wire/presets.ts';
import { columnsOf } from '../../support/scraped-samples.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import { StillClock, TIMEOUT_MS } from '../../support/still-clock.ts';
import { PlayingExporters } from './playing-exporters.ts';
import type { Keys, RandomWorld } from './random-world.ts';
import { type Spell, Spells } from './spells.ts';

const STEP_MINUTES = 0.5;

export interface Played {
  readonly spells: readonly Spell[];
  /** Of the environments in which things go wrong. */
  readonly troubled: readonly (string | null)[];
}

/**
 * What somebody would be told: the world is simulated, read by real exporters and judged by the shipped rules, all in
 * this process and on one clock that stands still while a request is under way.
 */
export async function playWorld(
  world: RandomWorld,
  watch: (minute: number, of: { readonly simulator: Simulator; readonly evaluator: RuleEvaluator }) => void = () => {},
): Promise<Played> {
  const still = new StillClock();
  const { scenario, seed, environments, preset, switches, happenings } = world;
  const simulator = await startSimulator({
    clock: still.api,
    logger: silentLogger,
    scenario,
    seed,
    environments,
    preset,
    switches,
  });
  const evaluator = new RuleEvaluator(await shippedRules());
  const exporters = new PlayingExporters({
    plan: world.exporters,
    still,
    configuration: configuration(simulator, world),
    gone: happenings.filter(({ trouble }) => trouble.noExporter),
    random: seededRandom(seed),
    names: evaluator.scrapedNames,
  });
  const spells = new Spells();
  const troubled = simulator.environments.slice(0, world.troubled).map(({ id }) => id);
  try {
    await exporters.start();
    for (let minute = 0; minute <= world.minutes; minute += STEP_MINUTES) {
      const { newcomers } = world;
      const isAdding = newcomers.count > 0 && minute === newcomers.at;
      if (isAdding || happenings.some(({ begins, ends }) => minute === begins || minute === ends)) {
        simulator.setFaults([]);
        for (const { begins, trouble } of happenings) {
          if (minute !== begins || trouble.does === undefined) continue;
          const asks = trouble.does === 'archive' ? ['POST', '/archive'] : ['DELETE', '?force=true'];
          for (const id of troubled) await act(simulator, world, { method: asks[0]!, path: `/${id}${asks[1]}` });
        }
        for (let number = 0; isAdding && number < newcomers.count; number++) {
          const body = { name: `new-${number}`, config: { type: 'self_hosted' } };
          await act(simulator, world, { method: 'POST', path: '', body });
        }
        const present = happenings.filter(({ begins, ends }) => minute >= begins && minute < ends);
        simulator.setFaults(present.flatMap(({ trouble }) => trouble.faults ?? []));
      }
      await exporters.advance(minute);
      await still.clock.advance(STEP_MINUTES * 60_000);
      const samples = await exporters.scrape(minute);
      if (samples !== null) evaluator.storeScrape(columnsOf(samples), minute * 60_000);
      await evaluator.evaluate(minute * 60_000);
      spells.look(minute, evaluator);
      watch(minute, { simulator, evaluator });
    }
  } finally {
    await exporters.stop();
    await simulator.stop();
  }
  return { spells: spells.all, troubled };
}

/** What somebody does to environments, whom no outage of the exporter's API stops. */
async function act(
  { url, apiKey }: Simulator,
  { preset }: RandomWorld,
  { method, path, body }: { readonly method: string; readonly path: string; readonly body?: unknown },
): Promise<void> {
  const { pathPrefix, apiKeyHeader } = PRESETS[preset];
  const answer = await fetch(`${url}${pathPrefix}/environments${path}`, {
    method,
    headers: {
      'anthropic-version': ANTHROPIC_VERSION,
      'anthropic-beta': MANAGED_AGENTS_BETA,
      'anthropic-workspace-id': 'wrkspc_1',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(apiKeyHeader === 'bearer' ? { authorization: `Bearer ${apiKey}` } : { 'x-api-key': apiKey }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
}

function configuration(
  simulator: Simulator,
  { preset, keys, isDiscovered, minWorkers, happenings }: RandomWorld,
): Readonly<Record<string, unknown>> {
  return {
    api: {
      provider: preset,
      base_url: simulator.url,
      timeout: `${TIMEOUT_MS}ms`,
      ...(keys === 'environment-key' ? {} : { api_key: simulator.apiKey }),
      ...(PRESETS[preset].workspaceRequired ? { workspace_id: 'wrkspc_1' } : {}),
    },
    thresholds: { min_workers: minWorkers },
    ...Object.assign({}, ...happenings.map(({ trouble }) => trouble.settings)),
    ...(isDiscovered ? { discovery: { enabled: true } } : { environments: environments(simulator, keys) }),
  };
}

function environments(simulator: Simulator, keys: Keys): unknown {
  return simulator.environments.map(({ id, name, environmentKey }) => ({
    id,
    name,
    ...(keys === 'api-key' ? {} : { environment_key: environmentKey }),
  }));
}
