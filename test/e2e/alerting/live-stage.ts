import { type Clock, sleep } from '../../../src/base/clock.ts';
import { FastClock } from '../../support/fast-clock.ts';
import { simulatedApi, type TestSimulator } from '../../support/simulated-api.ts';
import { AlertChain } from './alert-chain.ts';
import { LiveExporter } from './live-exporter.ts';
import { type ExporterName, LIVE_EXPORTERS } from './live-exporters.ts';
import { BEFORE_START, type LiveScenario, minutesAfter } from './live-scenario.ts';
import { LiveWorld } from './live-world.ts';
import { PageWatch } from './page-watch.ts';
import { Pauses } from './pauses.ts';
import { groupsOf, type PlayGroup } from './play-groups.ts';

/** An hour takes five minutes. */
export const SPEED = 12;
/** Enough for counters to exist. */
const BEFORE_MINUTES = 5;

/** What a scenario really did, in milliseconds of the fast clock. */
export interface Truth {
  readonly beganAt: number;
  readonly repairedAt: number;
}

/** All scenarios side by side: a simulated API for each, a few exporters, and every chain over all of them. */
export class LiveStage implements AsyncDisposable {
  readonly clock = new FastClock(SPEED);
  readonly chains: AlertChain[] = [];
  readonly pauses: Pauses;
  /** What the pages said meanwhile. */
  readonly pages: PageWatch;
  readonly truths = new Map<LiveScenario, Truth>();
  readonly #resources = new AsyncDisposableStack();
  readonly #groups = new Map<PlayGroup, AsyncDisposableStack>();
  readonly #worlds = new Map<LiveScenario, LiveWorld>();
  #startedAt = 0;
  #playedFrom = 0;
  readonly #playedTo = new Map<ExporterName, number>();
  readonly #jobs: Record<string, string[]> = {};

  constructor() {
    this.pauses = this.#resources.use(new Pauses(this.clock));
    this.pages = this.#resources.use(new PageWatch(this.clock, this.chains));
  }

  /** @param programs - a chain is started for each of these versions of Prometheus */
  async start(scenarios: readonly LiveScenario[], programs: readonly string[]): Promise<void> {
    for (const group of groupsOf(scenarios)) this.#groups.set(group, this.#resources.use(new AsyncDisposableStack()));
    for (const [group, resources] of this.#groups) {
      for (const scenario of group.scenarios) {
        const simulator = resources.use(await this.#simulate(scenario, scenarios.indexOf(scenario)));
        this.#worlds.set(scenario, new LiveWorld(simulator, slugOf(scenario)));
      }
    }
    for (const [{ steps }, world] of this.#worlds) {
      for (const { minute, act } of steps) if (minute === BEFORE_START) await act(world);
    }
    this.#startedAt = this.clock.now();
    for (const [group, resources] of this.#groups) {
      for (const name of group.exporters) {
        const own = group.scenarios.filter(({ exporter }) => exporter === name);
        await this.#export(name, own, resources);
      }
    }
    const servers = [...this.#groups.keys()].map(({ exporters }) => exporters);
    for (const program of programs) {
      const chain = await AlertChain.start({ jobs: this.#jobs, servers, speed: SPEED, clock: this.clock, program });
      this.chains.push(this.#resources.use(chain));
    }
  }

  /** Plays every scenario to its end, and waits until all that it tells must be over. */
  async play(): Promise<void> {
    this.#playedFrom = this.clock.now();
    this.pages.start();
    const beginsAt = this.#playedFrom + BEFORE_MINUTES * 60_000;
    const playGroup = async (group: PlayGroup, server: number) => {
      await Promise.all(group.scenarios.map((scenario) => this.#playOne(scenario, beginsAt)));
      await this.#end(group, server);
    };
    await Promise.all([...this.#groups.keys()].map(playGroup));
    await this.pages.stop();
  }

  /** For how long the exporter was watched by every chain. */
  minutesOf(exporter: ExporterName): number {
    return (this.#playedTo.get(exporter)! - this.#playedFrom) / 60_000;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }

  /** First nobody watches, so that nobody finds anything gone. */
  async #end(group: PlayGroup, server: number): Promise<void> {
    for (const name of group.exporters) {
      this.#playedTo.set(name, this.clock.now());
      await this.pages.unfollow(name);
    }
    for (const chain of this.chains) await chain.end(server);
    await this.#groups.get(group)!.disposeAsync();
  }

  async #playOne(scenario: LiveScenario, beginsAt: number): Promise<void> {
    const world = this.#worlds.get(scenario)!;
    const at: number[] = [];
    for (const { minute, act } of scenario.steps) {
      if (minute === BEFORE_START) {
        at.push(this.#startedAt);
        continue;
      }
      await sleep(this.clock, beginsAt + minute * 60_000 - this.clock.now());
      at.push(this.clock.now());
      await act(world);
    }
    this.truths.set(scenario, { beganAt: at[0]!, repairedAt: at.at(-1)! });
    await sleep(this.clock, minutesAfter(scenario) * 60_000);
  }

  #simulate(scenario: LiveScenario, number: number): Promise<TestSimulator> {
    const slug = slugOf(scenario);
    const environments = Array.from({ length: scenario.environments ?? 1 }, (_, index) => {
      const name = index === 0 ? slug : `${slug}-${index + 1}`;
      return { id: `env_${name.replaceAll('-', '_')}`, name };
    });
    return simulatedApi({
      clock: this.clock,
      seed: number + 1,
      scenario: scenario.before ?? 'steady',
      environments,
      ...scenario.simulator,
      // Short lists: what ended is listed for five minutes.
      switches: { retentionSeconds: 300, ...scenario.simulator?.switches },
    });
  }

  async #export(
    name: ExporterName,
    scenarios: readonly LiveScenario[],
    resources: AsyncDisposableStack,
  ): Promise<void> {
    const { options = () => ({}), clocks = [(clock: Clock) => clock] } = LIVE_EXPORTERS[name] ?? {};
    const worlds = scenarios.map((scenario) => ({ scenario, world: this.#worlds.get(scenario)! }));
    const configuration = (folder: string) => ({
      connections: Object.fromEntries(worlds.map(connectionOf)),
      environments: worlds.flatMap(environmentsOf),
      ...options(folder),
    });
    const urls: string[] = [];
    this.#jobs[name] = urls;
    for (const clock of clocks) {
      const exporter = resources.use(await LiveExporter.start(configuration, clock(this.clock)));
      urls.push(exporter.url);
      if (clocks.length === 1) this.pages.follow(name, exporter);
      for (const { world } of worlds) world.watchedBy(exporter);
    }
  }
}

interface Watched {
  readonly scenario: LiveScenario;
  readonly world: LiveWorld;
}

/** The name of the connection, and of the first environment: `fleet-gone-list-read`. */
export function slugOf({ cause }: LiveScenario): string {
  return cause
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}

function connectionOf({ scenario, world: { simulator, connection } }: Watched) {
  const { keys = 'both', simulator: { preset = 'anthropic' } = {} } = scenario;
  return [
    connection,
    {
      provider: preset,
      base_url: simulator.url,
      ...(keys === 'environment-key' ? {} : { api_key: simulator.apiKey }),
      requests_per_minute: 10_000,
      // Three seconds for whoever waits: the machine may be busy.
      timeout: '1m',
    },
  ];
}

function environmentsOf({ scenario, world: { simulator, connection } }: Watched) {
  const { keys = 'both', settings = {}, discovered = false } = scenario;
  if (discovered) return [];
  return simulator.environments.map(({ id, name, environmentKey }) => ({
    id,
    name,
    connection,
    ...(keys === 'api-key' ? {} : { environment_key: environmentKey }),
    ...settings,
  }));
}
