import type { Clock } from '../../base/clock.ts';
import { type Random, seededRandom } from '../../base/random.ts';
import { PRESETS, type ProviderName, type ProviderPreset } from '../../wire/presets.ts';
import { apiKeyFor, environmentKeyFor, randomId } from '../queue/identity.ts';
import type { NewWork } from '../queue/new-work.ts';
import { switchesFor } from '../queue/preset-switches.ts';
import { archivedRejection, Rejection } from '../queue/rejection.ts';
import type { EnvironmentSpec, NewEnvironment, SimEnvironment } from '../queue/sim-environment.ts';
import type { Switches } from '../queue/switches.ts';
import type { WorkRecord } from '../queue/work-record.ts';
import type { Fault } from '../scenarios/fault.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { scenarioNamed } from '../scenarios/scenarios.ts';
import { Access } from './access.ts';
import { FaultBox } from './fault-box.ts';
import { PastAnswers } from './past-answers.ts';
import { RequestLog } from './request-log.ts';
import { sessionTruth } from './session-truth.ts';
import { Sessions } from './sessions.ts';
import { SimulatedClock } from './simulated-clock.ts';
import { defaultThresholds, environmentTruth, type Truth, type TruthThresholds } from './truth.ts';
import { World } from './world.ts';

export interface SimulationOptions {
  readonly clock: Clock;
  /** Of everything random: the same seed makes the same world. */
  readonly seed: number;
  readonly scenario: string | Scenario;
  readonly preset: ProviderName;
  /** Simulated seconds per real second. */
  readonly speed: number;
  readonly environments: readonly EnvironmentSpec[];
  readonly switches: Partial<Switches>;
}

/** A running simulation without its HTTP side: world, clock, keys, faults and the request log. */
export class Simulation {
  readonly preset: ProviderPreset;
  readonly switches: Switches;
  readonly seed: number;
  readonly apiKey: string;
  readonly world: World;
  /** Its address; empty until it listens. */
  url = '';
  readonly real: Clock;
  readonly clock: SimulatedClock;
  readonly access: Access;
  readonly faults: FaultBox;
  readonly past = new PastAnswers();
  readonly requests = new RequestLog();
  readonly sessions: Sessions;
  /** Environment ids by environment key. The key of a deleted environment stays known. */
  readonly #environmentKeys: Map<string, string>;
  /**
   * Random numbers outside the world: request ids, faults. A separate stream, so that requests do not affect the world.
   */
  readonly random: Random;

  /** @throws UnknownScenarioError */
  constructor(options: SimulationOptions) {
    const scenario = typeof options.scenario === 'string' ? scenarioNamed(options.scenario) : options.scenario;
    this.preset = PRESETS[options.preset];
    this.switches = switchesFor(options.preset, options.switches);
    this.seed = options.seed;
    this.apiKey = apiKeyFor(options.seed);
    this.real = options.clock;
    this.clock = new SimulatedClock(options.clock, options.speed);
    this.random = seededRandom(options.seed ^ 0x51ed270b);
    this.faults = new FaultBox(this.random);
    this.faults.setScenario(scenario.faults ?? []);
    this.world = new World({
      startAt: this.clock.now(),
      seed: options.seed,
      switches: this.switches,
      environments: options.environments,
      scenario,
    });
    this.sessions = new Sessions(this.world, this.random);
    this.#environmentKeys = new Map(this.world.environments.map(({ id }) => [this.environmentKey(id), id]));
    this.access = new Access({
      preset: this.preset,
      switches: this.switches,
      apiKey: this.apiKey,
      environmentKeys: this.#environmentKeys,
    });
  }

  environmentKey(environmentId: string): string {
    return environmentKeyFor(this.seed, environmentId);
  }

  /** Adds an environment, with a key, to the present world. */
  createEnvironment(
    environment: Omit<NewEnvironment, 'id'>,
    id: string = randomId('env', this.random),
  ): SimEnvironment {
    this.catchUp();
    this.#environmentKeys.set(this.environmentKey(id), id);
    return this.world.create({ id, ...environment });
  }

  /** Advances the world to the clock's time and returns it. */
  catchUp(): number {
    this.world.advance(this.clock.now());
    return this.world.now;
  }

  /** @throws UnknownScenarioError */
  setScenario(name: string): void {
    const scenario = scenarioNamed(name);
    this.catchUp();
    this.faults.setScenario(scenario.faults ?? []);
    this.world.setScenario(scenario);
  }

  setFaults(faults: readonly Fault[]): void {
    this.faults.set(faults);
    this.past.forget();
  }

  /** Adds an item to an environment's queue. @throws Rejection 404, or 400 for an archived one */
  enqueue(environmentId: string, work: NewWork = {}): WorkRecord {
    const now = this.catchUp();
    const environment = this.world.environment(environmentId);
    if (environment === null) throw new Rejection(404, `Environment ${environmentId} not found`);
    // "Archived environments cannot be used to create new sessions" (the SDK's `archive`).
    if (environment.archivedAt !== null) throw archivedRejection(environmentId);
    return environment.queue.create(now, work);
  }

  truth(thresholds: Partial<TruthThresholds> = {}): Truth {
    const now = this.catchUp();
    const compared = { ...defaultThresholds(this.preset), ...thresholds };
    const live = this.world.live();
    const environments = live.map((environment) => [
      environment.id,
      {
        ...environmentTruth(this.world, environment, compared),
        sessions: sessionTruth(this.sessions, environment, { ...compared, now: this.world.stamps.at(now) }),
        requests: this.requests.of(environment.id),
      },
    ]);
    const { stamps } = this.world;
    return {
      scenario: this.world.scenario.name,
      now: stamps.text(stamps.at(now)),
      environments: Object.fromEntries(environments),
      requests: this.requests.of(null),
    };
  }
}
