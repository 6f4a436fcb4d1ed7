import type { Clock } from '../base/clock.ts';
import { type Random, seededRandom } from '../base/random.ts';
import { PRESETS, type ProviderName, type ProviderPreset } from '../wire/presets.ts';
import { Access } from './access.ts';
import { type Endpoint, type Fault, FaultBox } from './faults.ts';
import { apiKeyFor, environmentKeyFor, randomId } from './identity.ts';
import { archivedRejection, Rejection } from './rejection.ts';
import { faultsAt, type Script } from './script.ts';
import { Sessions } from './sessions.ts';
import { SimulatedClock } from './simulated-clock.ts';
import { type Switches, switchesFor } from './switches.ts';
import {
  defaultThresholds,
  environmentTruth,
  RequestLog,
  sessionTruth,
  type Truth,
  type TruthThresholds,
} from './truth.ts';
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
  readonly speed: number;
  readonly switches: Partial<Switches>;
}

/** The endpoints that change nothing. */
const READS: ReadonlySet<Endpoint> = new Set(['environments', 'environment', 'list', 'stats', 'retrieve', 'session']);

/** A running simulation without its HTTP side: world, clock, keys, faults and the request log. */
export class Simulation {
  readonly preset: ProviderPreset;
  readonly seed: number;
  readonly apiKey: string;
  readonly world: World;
  /** Its address; empty until it listens. */
  url = '';
  readonly real: Clock;
  readonly clock: SimulatedClock;
  readonly access: Access;
  readonly faults: FaultBox;
  readonly requests = new RequestLog();
  readonly sessions: Sessions;
  /** Random numbers outside the world, such as request ids: requests do not affect the world. */
  readonly random: Random;
  /** Environment ids by environment key. The key of a deleted environment stays known. */
  readonly #environmentKeys = new Map<string, string>();
  /** What was answered last, by URL. */
  readonly #past = new Map<string, { readonly at: number; readonly body: unknown }>();

  constructor({
    clock,
    seed,
    script,
    connection = null,
    preset,
    speed,
    switches,
  }: Omit<SimulationOptions, 'connection'> & { readonly connection?: string | null }) {
    this.preset = PRESETS[preset];
    this.seed = seed;
    this.apiKey = apiKeyFor(seed);
    this.real = clock;
    this.clock = new SimulatedClock(clock, speed);
    this.random = seededRandom(seed ^ 0x51ed270b);
    const startAt = this.clock.now();
    this.world = new World({ startAt, seed, switches: switchesFor(preset, switches), script, connection });
    this.faults = new FaultBox(this.random, () => faultsAt(this.world.script, connection, this.world.second));
    this.sessions = new Sessions(this.world, this.random);
    const environmentIds = this.#environmentKeys;
    this.access = new Access({
      preset: this.preset,
      switches: this.world.switches,
      apiKey: this.apiKey,
      environmentKeys: environmentIds,
    });
    for (const { id } of this.world.environments) environmentIds.set(this.environmentKey(id), id);
    for (const { id } of script.environments) environmentIds.set(this.environmentKey(id), id);
  }

  environmentKey(environmentId: string): string {
    return environmentKeyFor(this.seed, environmentId);
  }

  /** Adds an environment, with a key, to the present world. */
  createEnvironment(environment: NewEnvironment): SimEnvironment {
    this.catchUp();
    const id = randomId('env', this.random);
    this.#environmentKeys.set(this.environmentKey(id), id);
    return this.world.create(id, environment);
  }

  /** Advances the world to the clock's time and returns it. */
  catchUp(): number {
    this.world.advance(this.clock.now());
    return this.world.now;
  }

  setScript(script: Script): void {
    this.catchUp();
    this.world.setScript(script);
  }

  setFaults(faults: readonly Fault[]): void {
    this.faults.set(faults);
    this.#past.clear();
  }

  /** The last answer to the same request, if a fault allows one that old, as from a server that is behind; or else a new one. */
  async answer(
    { endpoint, url, faults }: { readonly endpoint: Endpoint; readonly url: string; readonly faults: readonly Fault[] },
    answer: () => unknown,
  ): Promise<unknown> {
    const behind = READS.has(endpoint) ? faults.find((fault) => fault.kind === 'outdated') : undefined;
    if (behind === undefined) return answer();
    const { now } = this.world;
    const past = this.#past.get(url);
    if (past !== undefined && now - past.at <= behind.seconds * 1000) return past.body;
    const body = await answer();
    this.#past.set(url, { at: now, body });
    return body;
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
    const compared = { ...defaultThresholds(this.preset), ...thresholds };
    const now = this.catchUp();
    const { stamps, script } = this.world;
    const environments = this.world.live().map((environment) => [
      environment.id,
      {
        ...environmentTruth(this.world, environment, compared),
        sessions: sessionTruth(this.sessions, this.world, environment, compared),
        requests: this.requests.of(environment.id),
      },
    ]);
    return {
      scenario: script.name,
      now: stamps.text(stamps.at(now)),
      environments: Object.fromEntries(environments),
      requests: this.requests.of(null),
    };
  }
}
