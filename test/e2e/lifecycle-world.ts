import type { EpochMs } from '../../src/base/clock.ts';
import type { RecordState, WorkRecord } from '../../src/simulator/queue/work-record.ts';
import { defaultEnvironments } from '../../src/simulator/world/environments.ts';
import { Simulation, type SimulationOptions } from '../../src/simulator/world/simulation.ts';
import { parseTimestamp } from '../../src/wire/timestamp.ts';

/** A live item as it truly is at one moment. */
export type TrueItem = Pick<WorkRecord, 'createdAt' | 'acknowledgedAt' | 'latestHeartbeatAt'> & {
  readonly state: Exclude<RecordState, 'stopped'>;
};
export type Moment = ReadonlyMap<string, TrueItem>;

/**
 * The simulator's world a second time, item by item: the same seed and the same clock give the same events. It is asked
 * in between requests and without them, so faults and pages mean nothing to it.
 */
export class TrueWorld {
  readonly #simulation: Simulation;
  readonly #moments = new Map<EpochMs, Moment>();

  constructor(options: Omit<SimulationOptions, 'speed' | 'environments'>) {
    this.#simulation = new Simulation({ ...options, speed: 1, environments: defaultEnvironments(1) });
  }

  /** How far the API's clock is ahead. */
  get skewMs(): number {
    return this.#queue.skewMs;
  }

  setScenario(name: string): void {
    this.#simulation.setScenario(name);
  }

  enqueue(): void {
    this.#simulation.enqueue(this.#simulation.world.environments[0]!.id);
  }

  /** The live items as of now; remembered under the API's time. */
  look(): Moment {
    const now = this.#simulation.catchUp();
    const moment = new Map<string, TrueItem>();
    const queue = this.#queue;
    // As precise as the service writes it.
    const stamp = (at: EpochMs | null) => (at === null ? null : parseTimestamp(queue.text(at)));
    for (const { id, state, createdAt, acknowledgedAt, latestHeartbeatAt } of queue.all()) {
      if (state === 'stopped') continue;
      const stamps = { acknowledgedAt: stamp(acknowledgedAt), latestHeartbeatAt: stamp(latestHeartbeatAt) };
      moment.set(id, { state, createdAt, ...stamps });
    }
    this.#moments.set(now + this.skewMs, moment);
    return moment;
  }

  /** What was live at one of the moments that were looked at, by the API's clock. */
  at(moment: EpochMs): Moment | undefined {
    return this.#moments.get(moment);
  }

  /** All looks from `from` on, oldest first. */
  since(from: EpochMs): ReadonlyArray<readonly [EpochMs, Moment]> {
    return [...this.#moments].filter(([at]) => at >= from);
  }

  truth() {
    return Object.values(this.#simulation.truth().environments)[0]!;
  }

  get #queue() {
    return this.#simulation.world.environments[0]!.queue;
  }
}
