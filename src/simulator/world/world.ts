import type { EpochMs } from '../../base/clock.ts';
import { ApiStamps } from '../queue/api-stamps.ts';
import {
  type EnvironmentMaker,
  type EnvironmentSpec,
  initialEnvironment,
  isLive,
  type NewEnvironment,
  newEnvironment,
  type SimEnvironment,
} from '../queue/sim-environment.ts';
import type { Switches } from '../queue/switches.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { HISTORY_MS, ScenarioPlay } from '../scenarios/scenario-play.ts';
import { EventQueue } from './event-queue.ts';

const DAY_MS = 86_400_000;

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
 * It has no clock and no timers. `advance` runs everything that happens up to a moment, in order; the same seed and the
 * same calls at the same moments always give the same world.
 */
export class World {
  /** The API's clock. */
  readonly stamps: ApiStamps;
  readonly #maker: EnvironmentMaker;
  readonly #events = new EventQueue();
  /** By id; a changed environment is replaced. */
  readonly #environments = new Map<string, SimEnvironment>();
  readonly #play: ScenarioPlay;
  #now: EpochMs;

  constructor(options: WorldOptions) {
    const { startAt, scenario } = options;
    this.#now = startAt - scenario.warmUpSeconds * 1000;
    this.#maker = options;
    const schedule = (at: EpochMs, run: (at: EpochMs) => void) => this.#events.schedule(at, run);
    this.#play = new ScenarioPlay({ scenario, seed: options.seed, schedule });
    this.stamps = new ApiStamps(options.switches);
    const foundedAt = this.#now - HISTORY_MS - DAY_MS;
    // The first is the newest, as the list of environments shows them.
    for (const [number, spec] of options.environments.entries()) {
      const stamps = { createdAt: foundedAt - number * 1000, archivedAt: startAt - DAY_MS };
      this.#environments.set(spec.id, initialEnvironment(options, spec, stamps));
    }
    this.#begin(scenario);
    this.advance(startAt);
  }

  /** Simulated time, without the API's clock skew. */
  get now(): EpochMs {
    return this.#now;
  }

  get scenario(): Scenario {
    return this.#play.scenario;
  }

  /** The time of the next scheduled event; null when there is none. */
  get nextEventAt(): EpochMs | null {
    return this.#events.nextAt;
  }

  /** The initial ones, then the others in order of creation. */
  get environments(): readonly SimEnvironment[] {
    return [...this.#environments.values()];
  }

  environment(id: string): SimEnvironment | null {
    return this.#environments.get(id) ?? null;
  }

  /** Self-hosted and not archived: those that scenarios play in. */
  live(): readonly SimEnvironment[] {
    return this.environments.filter(isLive);
  }

  /** Adds an environment, in which the current scenario begins at once. */
  create(environment: NewEnvironment): SimEnvironment {
    const newest = Math.max(...this.environments.map(({ createdAt }) => createdAt));
    const created = newEnvironment(this.#maker, environment, this.stamps.after(this.#now, newest));
    this.#environments.set(created.id, created);
    created.queue.skewMs = this.stamps.skewMs;
    if (isLive(created)) this.#play.join(this.#now, created, this.live().length - 1);
    return created;
  }

  /** No new work from now on; existing work drains. */
  archive(environment: SimEnvironment): SimEnvironment {
    const archivedAt = this.stamps.at(this.#now);
    const archived = { ...environment, archivedAt, updatedAt: archivedAt };
    this.#environments.set(environment.id, archived);
    this.#play.drain(environment.id);
    return archived;
  }

  /** Removes an environment with everything in it. */
  remove({ id }: SimEnvironment): void {
    this.#play.leave(this.#now, id);
    this.#environments.delete(id);
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

  /** Ends the current scenario and begins another one, in the same environments and with the existing items. */
  setScenario(scenario: Scenario): void {
    this.#play.end(this.#now, this.live());
    this.#begin(scenario);
  }

  /** Sets how far the API's clock is ahead of simulated time. */
  setSkew(skewMs: number): void {
    this.stamps.skewMs = skewMs;
    for (const { queue } of this.environments) queue.skewMs = skewMs;
  }

  #begin(scenario: Scenario): void {
    this.setSkew((scenario.skewSeconds ?? 0) * 1000);
    this.#play.begin(this.#now, scenario, this.live());
  }
}
