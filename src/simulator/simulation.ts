import type { Clock, EpochMs } from '../base/clock.ts';
import { type Random, seededRandom } from '../base/random.ts';
import { PRESETS, type ProviderName, type ProviderPreset } from '../wire/presets.ts';
import { Access } from './access.ts';
import { FaultBox } from './faults.ts';
import { randomId } from './identity.ts';
import { archivedRejection, Rejection } from './rejection.ts';
import { faultsAt, type Script } from './script.ts';
import { Sessions } from './sessions.ts';
import { type Switches, switchesFor } from './switches.ts';
import { RequestLog, type Truth, type TruthThresholds, truthOf } from './truth.ts';
import type { NewWork, WorkRecord } from './work.ts';
import { type NewEnvironment, type SimEnvironment, World } from './world.ts';

export interface SimulationOptions {
  readonly clock: Clock;
  /** Of everything random: the same seed makes the same world. */
  readonly seed: number;
  readonly script: Script;
  /** Which connection's environments there are; all by default. */
  readonly connection?: string;
  readonly preset: ProviderName;
  /** Simulated seconds per real second. */
  readonly speed?: number;
  readonly switches?: Partial<Switches>;
}

/** A running simulation without its HTTP side: world, clock, keys, faults and the request log. */
export class Simulation {
  readonly preset: ProviderPreset;
  readonly world: World;
  /** Its address; empty until it listens. */
  url = '';
  readonly real: Clock;
  readonly access: Access;
  readonly faults: FaultBox;
  readonly requests = new RequestLog();
  readonly sessions: Sessions;
  /** Random numbers outside the world, such as request ids: requests do not affect the world. */
  readonly random: Random;
  #speed: number;
  /** Simulated time at the last change of speed, and the real time then. */
  #base: EpochMs;
  #since: number;

  constructor({ clock, seed, script, connection, preset, speed = 1, switches = {} }: SimulationOptions) {
    this.preset = PRESETS[preset];
    this.real = clock;
    this.#speed = speed;
    this.#base = clock.now();
    this.#since = clock.monotonic();
    this.random = seededRandom(seed ^ 0x51ed270b);
    const of = { startAt: this.#base, seed, script, connection: connection ?? null };
    this.world = new World({ ...of, switches: switchesFor(preset, switches) });
    this.faults = new FaultBox(this.random, () => faultsAt(this.world.script, of.connection, this.world.second));
    this.sessions = new Sessions(this.world, this.random);
    this.access = new Access(seed, this.preset, this.world.switches);
    for (const { id } of [...this.world.environments, ...script.environments]) this.access.environmentKey(id);
  }

  get speed(): number {
    return this.#speed;
  }

  /** Advances the world to the present and returns its time. */
  catchUp(): EpochMs {
    this.world.advance(this.#base + (this.real.monotonic() - this.#since) * this.#speed);
    return this.world.now;
  }

  /** Jumps ahead, and goes on at this speed. */
  advance(seconds: number, speed: number = this.#speed): EpochMs {
    const now = this.#base + (this.real.monotonic() - this.#since) * this.#speed;
    this.#base = now + Math.max(0, seconds) * 1000;
    this.#since = this.real.monotonic();
    this.#speed = speed;
    return this.catchUp();
  }

  /** Adds an environment, with a key, to the present world. */
  createEnvironment(environment: Omit<NewEnvironment, 'id'>): SimEnvironment {
    this.catchUp();
    const id = randomId('env', this.random);
    this.access.environmentKey(id);
    return this.world.create({ id, ...environment });
  }

  setScript(script: Script): void {
    this.catchUp();
    this.world.setScript(script);
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
    this.catchUp();
    return truthOf(this, thresholds);
  }
}
