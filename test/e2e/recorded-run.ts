import type { Simulator, SimulatorOptions, Truth } from '../../src/simulator/start-simulator.ts';
import { PRESETS, type ProviderName } from '../../src/wire/presets.ts';
import { simulatedApi } from '../support/simulated-api.ts';
import { StillExporter } from '../support/still-exporter.ts';
import { StillClock, TIMEOUT_MS } from '../support/under-way.ts';

/** What `/metrics` said at one moment of a run. */
export interface Moment {
  readonly name: string;
  readonly exposition: string;
}

/** The options of the API that a preset needs, and what of the fleet its credentials can read. */
function configuration(simulator: Simulator, preset: ProviderName, change: { readonly reloaded: boolean }): unknown {
  const { credentials, workspaceRequired } = PRESETS[preset];
  const withKeys = PRESETS[preset].environmentKeys;
  const environments = simulator.environments.map(({ id, name, environmentKey }, number) => ({
    id,
    name,
    ...(withKeys ? { environment_key: environmentKey } : {}),
    ...(number === 0 ? { labels: { team: 'core' }, metadata: { keys: ['team'] }, exemplars: true } : {}),
  }));
  const discovers = credentials.environments.length > 0;
  return {
    api: {
      provider: preset,
      base_url: simulator.url,
      api_key: simulator.apiKey,
      ...(workspaceRequired ? { workspace_id: 'wrkspc_1' } : {}),
      timeout: `${TIMEOUT_MS}ms`,
      // Answers come in the order of the requests.
      max_concurrent_requests: 1,
      requests_per_minute: 60,
    },
    discovery: { enabled: discovers, interval: '2m' },
    // With discovery the last one is left to be found; after the reload the first one has left.
    environments: change.reloaded ? environments.slice(1) : environments.slice(0, discovers ? -1 : undefined),
    poll: { full_list_interval: '2m', ...(change.reloaded ? { list_interval: '20s' } : {}) },
  };
}

/** An exporter and a simulator on one clock, in one process and without chance. */
export class RecordedRun implements AsyncDisposable {
  readonly moments: Moment[] = [];
  readonly #still = new StillClock();
  readonly #preset: ProviderName;
  #simulator!: Simulator;
  #exporter!: StillExporter;

  private constructor(preset: ProviderName) {
    this.#preset = preset;
  }

  static async start({ preset, ...options }: Partial<SimulatorOptions> & { readonly preset: ProviderName }) {
    const run = new RecordedRun(preset);
    run.#simulator = await simulatedApi({ ...options, preset, clock: run.#still.api });
    const first = configuration(run.#simulator, preset, { reloaded: false });
    run.#exporter = await StillExporter.prepared(run.#still, first);
    await run.#look('before the first read');
    await run.#exporter.start();
    await run.#look('after the first reads');
    return run;
  }

  /** What is really going on now. */
  truth(): Truth {
    return this.#simulator.truth();
  }

  /** Plays a scenario for a while and looks at the exposition again and again. */
  async play(scenario: string, { seconds, everySeconds }: { seconds: number; everySeconds: number }): Promise<void> {
    if (this.#simulator.scenario.name !== scenario) this.#simulator.setScenario(scenario);
    for (let passed = everySeconds; passed <= seconds; passed += everySeconds) {
      await this.#still.clock.advance(everySeconds * 1000);
      await this.#look(`${scenario} after ${passed} s`);
    }
  }

  async reload(): Promise<void> {
    await this.#exporter.reload(configuration(this.#simulator, this.#preset, { reloaded: true }));
    await this.#look('after the reload');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#exporter.stop();
    await this.#simulator.stop();
  }

  async #look(name: string): Promise<void> {
    const lines = Buffer.concat(await this.#exporter.render('openmetrics'))
      .toString()
      .split('\n');
    this.moments.push({ name, exposition: lines.filter((line) => !VOLATILE.test(line)).join('\n') });
  }
}

/**
 * What differs from run to run: the process's own metrics (memory, CPU time), and the hash of the configuration, which
 * holds the port of the simulator.
 */
const VOLATILE = /^(?:# \w+ )?(?:process_|nodejs_|anthropic_work_exporter_config_hash\b)/;
