import type { EpochMs } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { randomStream } from '../queue/identity.ts';
import type { SimEnvironment } from '../queue/sim-environment.ts';
import { EnvironmentActivity } from './environment-activity.ts';
import type { EnvironmentPlan, Scenario } from './scenario.ts';

const DAY_MS = 86_400_000;
/** The time over which the history of a plan is spread. */
export const HISTORY_MS = 30 * DAY_MS;

export interface ScenarioPlayOptions {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly schedule: (at: EpochMs, run: (at: EpochMs) => void) => void;
}

/** The current scenario, played in every live environment; environment number i has plan i modulo their number. */
export class ScenarioPlay {
  readonly #options: ScenarioPlayOptions;
  /** By environment id. Activities draw from another stream than the queue, whose draws depend on when it is read. */
  readonly #chance = new Map<string, Random>();
  /** By environment id. The activity of an archived environment continues until its work is done. */
  readonly #activities = new Map<string, EnvironmentActivity>();
  #scenario: Scenario;

  constructor(options: ScenarioPlayOptions) {
    this.#options = options;
    this.#scenario = options.scenario;
  }

  get scenario(): Scenario {
    return this.#scenario;
  }

  begin(now: EpochMs, scenario: Scenario, live: readonly SimEnvironment[]): void {
    this.#scenario = scenario;
    const activities = live.map((environment, number) => {
      const { history } = this.#planOf(environment.id, number);
      if (history !== undefined) environment.queue.addHistory(history, now - DAY_MS, HISTORY_MS - DAY_MS);
      return this.#activityIn(environment, number);
    });
    for (const activity of activities) activity.start(now);
  }

  /** Ends it in these environments: workers stop what they serve and leave, and stuck items are released. */
  end(now: EpochMs, live: readonly SimEnvironment[]): void {
    for (const { id } of live) this.leave(now, id);
    for (const { queue } of live) queue.release(now);
  }

  /** Begins in a newly created environment, which has no history. */
  join(now: EpochMs, environment: SimEnvironment, number: number): void {
    this.#activityIn(environment, number).start(now);
  }

  /** No new work in an environment from now on. */
  drain(id: string): void {
    this.#activities.get(id)?.drain();
  }

  leave(now: EpochMs, id: string): void {
    this.#activities.get(id)?.end(now);
    this.#activities.delete(id);
  }

  #planOf(id: string, number: number): EnvironmentPlan {
    return this.#scenario.plansById?.get(id) ?? this.#scenario.plans[number % this.#scenario.plans.length]!;
  }

  #activityIn({ id, queue }: SimEnvironment, number: number): EnvironmentActivity {
    queue.leaseTtlSeconds = this.#scenario.leaseTtlSeconds ?? null;
    queue.startingLapses = this.#scenario.startingLapses ?? null;
    const { schedule } = this.#options;
    const activity = new EnvironmentActivity({
      queue,
      plan: this.#planOf(id, number),
      random: this.#chanceOf(id),
      schedule,
    });
    this.#activities.set(id, activity);
    return activity;
  }

  #chanceOf(id: string): Random {
    const chance = this.#chance.get(id) ?? randomStream(this.#options.seed, `events ${id}`);
    this.#chance.set(id, chance);
    return chance;
  }
}
