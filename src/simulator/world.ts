import type { EpochMs } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { EnvironmentActivity } from './environment-activity.ts';
import { EventQueue } from './event-queue.ts';
import { randomStream } from './identity.ts';
import type { Scenario } from './scenario.ts';
import type { Switches } from './switches.ts';
import { WorkQueue } from './work-queue.ts';

const DAY_MS = 86_400_000;
const HISTORY_MS = 30 * DAY_MS;

/** An environment of the simulated organization. */
export interface SimEnvironment {
  readonly id: string;
  readonly name: string;
  readonly configType: 'self_hosted' | 'cloud';
  readonly createdAt: EpochMs;
  readonly archivedAt: EpochMs | null;
  readonly queue: WorkQueue;
}

export type EnvironmentSpec = Pick<SimEnvironment, 'id' | 'name' | 'configType'> & { readonly archived: boolean };

export interface WorldOptions {
  readonly startAt: EpochMs;
  readonly seed: number;
  readonly switches: Switches;
  readonly environments: readonly EnvironmentSpec[];
  readonly scenario: Scenario;
}

/**
 * The simulated world: a discrete-event model.
 *
 * It has no clock and no timers. `advance` runs everything that happens up to a moment, in order; the same seed, the same
 * calls at the same moments always give the same world.
 */
export class World {
  readonly environments: readonly SimEnvironment[];
  readonly #events = new EventQueue();
  /** By environment id. What happens draws from another stream than the queue, which acts whenever it is looked at. */
  readonly #chance: ReadonlyMap<string, Random>;
  readonly #byId: ReadonlyMap<string, SimEnvironment>;
  #activities: EnvironmentActivity[] = [];
  #scenario: Scenario;
  #now: EpochMs;

  constructor(options: WorldOptions) {
    const { startAt, scenario, seed } = options;
    this.#now = startAt - scenario.warmUpSeconds * 1000;
    this.#scenario = scenario;
    const foundedAt = this.#now - HISTORY_MS - DAY_MS;
    this.environments = options.environments.map(({ id, name, configType, archived }) => ({
      id,
      name,
      configType,
      createdAt: foundedAt,
      archivedAt: archived ? startAt - DAY_MS : null,
      queue: new WorkQueue({ switches: options.switches, random: randomStream(seed, `queue ${id}`) }),
    }));
    this.#chance = new Map(this.environments.map(({ id }) => [id, randomStream(seed, `events ${id}`)]));
    this.#byId = new Map(this.environments.map((environment) => [environment.id, environment]));
    for (const { archivedAt, configType, queue } of this.environments) {
      if (archivedAt !== null && configType === 'self_hosted') queue.addHistory(3, archivedAt, DAY_MS);
    }
    this.#begin(scenario);
    this.advance(startAt);
  }

  /** Simulated time, without the API's clock skew. */
  get now(): EpochMs {
    return this.#now;
  }

  get scenario(): Scenario {
    return this.#scenario;
  }

  /** When something happens by itself next; null when nothing is planned. */
  get nextEventAt(): EpochMs | null {
    return this.#events.nextAt;
  }

  environment(id: string): SimEnvironment | null {
    return this.#byId.get(id) ?? null;
  }

  /** Self-hosted and not archived: those that scenarios play in. */
  live(): readonly SimEnvironment[] {
    return this.environments.filter(
      ({ configType, archivedAt }) => configType === 'self_hosted' && archivedAt === null,
    );
  }

  /** Runs everything that happens up to `until`. Time never goes back: an earlier moment changes nothing. */
  advance(until: EpochMs): void {
    for (let due = this.#events.takeDue(until); due !== null; due = this.#events.takeDue(until)) {
      this.#now = due.at;
      due.run(due.at);
    }
    this.#now = Math.max(this.#now, until);
    for (const { queue } of this.environments) queue.expire(this.#now);
  }

  /** Ends the scenario that is on and begins another one, in the same environments and with the items that are there. */
  setScenario(scenario: Scenario): void {
    for (const activity of this.#activities) activity.end(this.#now);
    for (const { queue } of this.live()) queue.release(this.#now);
    this.#scenario = scenario;
    this.#begin(scenario);
  }

  /** How far the API's clock is ahead of simulated time. */
  setSkew(skewMs: number): void {
    for (const { queue } of this.environments) queue.skewMs = skewMs;
  }

  #begin(scenario: Scenario): void {
    this.setSkew((scenario.skewSeconds ?? 0) * 1000);
    this.#activities = this.live().map(({ id, queue }, number) => {
      const plan = scenario.plans[number % scenario.plans.length]!;
      queue.leaseTtlSeconds = scenario.leaseTtlSeconds ?? null;
      if (plan.history !== undefined) queue.addHistory(plan.history, this.#now - DAY_MS, HISTORY_MS - DAY_MS);
      const schedule = (at: EpochMs, run: (at: EpochMs) => void) => this.#events.schedule(at, run);
      return new EnvironmentActivity({ queue, plan, random: this.#chance.get(id)!, schedule });
    });
    for (const activity of this.#activities) activity.start(this.#now);
  }
}
