import { systemClock } from '../../src/base/clock.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/start-simulator.ts';
import { silentLogger } from './silent.ts';

export type TestSimulator = Simulator & AsyncDisposable;

/** A simulated API on a free port that ends with the block: `await using`. */
export async function simulatedApi(options: Partial<SimulatorOptions> = {}): Promise<TestSimulator> {
  const simulator = await startSimulator({ clock: systemClock, logger: silentLogger, ...options });
  return Object.defineProperty(simulator, Symbol.asyncDispose, { value: () => simulator.stop() }) as TestSimulator;
}

/** The quickest reads that the configuration allows. */
export const QUICK = { stats_interval: '5s', list_interval: '10s' };

/** A budget that no read of a test waits for. */
export const AMPLE_REQUESTS = 6000;

/** A configuration that reads the simulator, of which a test changes what it is about. */
export function configurationOf(simulator: Simulator, change: Readonly<Record<string, unknown>> = {}) {
  return {
    api: { base_url: simulator.url, api_key: simulator.apiKey, requests_per_minute: AMPLE_REQUESTS },
    environments: simulator.environments.map(({ id, name, environmentKey }) => ({
      id,
      name,
      environment_key: environmentKey,
    })),
    poll: QUICK,
    ...change,
  };
}

export const PROD = 'env_sim_prod';
export const STAGING = 'env_sim_staging';
export const BATCH = 'env_sim_batch';

/** Everything that must never be written anywhere. */
export function keysOf(simulator: Simulator): readonly string[] {
  return [simulator.apiKey, ...simulator.environments.map(({ environmentKey }) => environmentKey)];
}
