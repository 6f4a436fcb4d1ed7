import { type Clock, type EpochMs, type Random, seededRandom } from '../base/clock.ts';
import type { ProviderName } from '../wire/presets.ts';
import { Access } from './access.ts';
import { conductOf, EnvironmentActivity } from './activity.ts';
import { Agenda, EventQueue, phaseOf, randomStream } from './agenda.ts';
import { type Fault, FaultBox, Rejection, RequestLog } from './faults.ts';
import type { Trouble } from './scenario-schema.ts';
import { faultsAt, type Script, type ScriptEnvironment, scriptNamed } from './scenarios.ts';
import { Sessions } from './sessions.ts';
import { type Switches, switchesFor, switchesOf } from './switches.ts';
import { ApiStamps, type NewWork } from './work.ts';
import { type SimEnvironment, WorkQueue } from './work-queue.ts';

const DAY_MS = 86_400_000;
/** The time over which the history of an environment is spread. */
const HISTORY_MS = 30 * DAY_MS;

interface Founded extends Pick<SimEnvironment, 'id' | 'name'>, Partial<Pick<SimEnvironment, 'configType'>> {
  readonly isArchived?: boolean;
}

/** What else an organization has besides the watched environments: a monitor must leave these alone. */
const OTHERS: readonly Founded[] = [
  { id: 'env_sim_cloud', name: 'cloud', configType: 'cloud' },
  { id: 'env_sim_archived', name: 'retired', isArchived: true },
  { id: 'env_sim_cloud_archived', name: 'cloud-retired', configType: 'cloud', isArchived: true },
];

export interface SimulationOptions {
  readonly clock: Clock;
  /** Of everything random: the same seed makes the same world. */
  readonly seed: number;
  readonly script: Script;
  /** The scenario's own by default. */
  readonly preset?: ProviderName;
  /** Simulated seconds per real second. */
  readonly speed?: number;
  readonly switches?: Partial<Switches>;
}

/**
 * A simulated organization: its environments, keys and faults, in a discrete-event world. Everything that happens up to a moment
 * runs, in order, when somebody looks: the same seed and the same looks at the same moments always give the same world.
 */
export class Simulation {
  readonly real: Clock;
  /** In force: those of the service, as the scenario changes them. */
  readonly switches: Switches;
  readonly stamps: ApiStamps;
  readonly access: Access;
  readonly apiKey: string;
  readonly faults: FaultBox;
  readonly requests = new RequestLog();
  readonly sessions: Sessions;
  /** Random numbers outside the world, such as request ids: requests do not affect the world. */
  readonly random: Random;
  /** Its address; empty until it listens. */
  url = '';
  readonly #options: SimulationOptions;
  readonly #service: Switches;
  readonly #events: EventQueue;
  /** By id, in order of creation. */
  readonly #environments = new Map<string, SimEnvironment>();
  /** By environment id. The activity of an archived environment continues until its work is done. */
  readonly #activities = new Map<string, EnvironmentActivity>();
  #script: Script;
  /** Second 0 of the scenario, and what is planned of it. */
  #origin: EpochMs;
  #agenda: Agenda;
  /** Counts the scenarios: each has its own random events. */
  #round = 0;
  #speed: number;
  /** Simulated time at the last change of speed, and the real time then. */
  #base: EpochMs;
  #since: number;

  constructor(options: SimulationOptions) {
    const { clock, seed, script, preset = script.file.provider, speed = 1, switches } = options;
    this.#options = options;
    this.real = clock;
    this.#service = switchesFor(preset, switches);
    this.switches = { ...this.#service };
    this.stamps = new ApiStamps(this.switches);
    this.random = seededRandom(seed ^ 0x51ed270b);
    this.access = new Access(seed, this.switches);
    this.apiKey = this.access.apiKey;
    this.faults = new FaultBox(this.random, () => faultsAt(this.#script, this.#agenda.second));
    this.sessions = new Sessions(this, this.random);
    this.#speed = speed;
    this.#base = clock.now();
    this.#since = clock.monotonic();
    this.#script = script;
    this.#origin = this.#base;
    this.#events = new EventQueue(this.#origin - script.file.warm_up * 1000);
    this.#agenda = new Agenda(this.#events, this.#origin);
    this.#found();
    this.#begin();
    this.#advanceTo(this.#origin);
  }

  get scenario(): Script {
    return this.#script;
  }

  get speed(): number {
    return this.#speed;
  }

  /** Simulated time, without the API's clock skew. */
  get now(): EpochMs {
    return this.#events.now;
  }

  /** All that the API has, cloud environments and archived ones included. */
  get all(): readonly SimEnvironment[] {
    return [...this.#environments.values()];
  }

  /** Self-hosted and not archived: those in which something happens. */
  get environments(): readonly SimEnvironment[] {
    return this.all.filter((one) => one.configType === 'self_hosted' && one.archivedAt === null);
  }

  environment(id: string): SimEnvironment | null {
    return this.#environments.get(id) ?? null;
  }

  /** Advances the world to the present and returns its time. */
  catchUp(): EpochMs {
    this.#advanceTo(this.#base + (this.real.monotonic() - this.#since) * this.#speed);
    return this.now;
  }

  /** Jumps ahead, and goes on at this speed. */
  advance(seconds: number, speed: number = this.#speed): void {
    const now = this.#base + (this.real.monotonic() - this.#since) * this.#speed;
    this.#base = now + Math.max(0, seconds) * 1000;
    this.#since = this.real.monotonic();
    this.#speed = speed;
    this.catchUp();
  }

  /** No new work from now on; existing work drains. */
  archive(environment: SimEnvironment): void {
    environment.archivedAt = this.stamps.at(this.now);
    environment.updatedAt = environment.archivedAt;
    this.#activities.get(environment.id)?.drain();
  }

  /** Adds an item to an environment's queue and returns its id. @throws Rejection 404, or 400 for an archived one */
  enqueue(environmentId: string, work: NewWork = {}): string {
    const now = this.catchUp();
    const environment = this.environment(environmentId);
    if (environment === null) throw new Rejection(404, `Environment ${environmentId} not found`);
    // "Archived environments cannot be used to create new sessions" (the SDK's `archive`).
    if (environment.archivedAt !== null) throw archivedRejection(environmentId);
    return environment.queue.create(now, work).id;
  }

  /** Replaces all earlier faults; the scenario's own stay. */
  setFaults(faults: readonly Fault[]): void {
    this.faults.set(faults);
  }

  /** Ends the scenario and begins another one, in the same environments and with the existing items. @throws ExporterError */
  setScenario(name: string): void {
    this.catchUp();
    const script = scriptNamed(name, { seed: this.#options.seed, environments: this.environments });
    for (const { id, queue } of this.environments) {
      this.#leave(id);
      queue.release(this.now);
    }
    this.#round++;
    this.#script = script;
    this.#origin = this.now;
    this.#agenda.close();
    this.#agenda = new Agenda(this.#events, this.#origin);
    this.#begin();
  }

  /** Runs everything that happens up to `until`. Time never goes back: an earlier moment changes nothing. */
  #advanceTo(until: EpochMs): void {
    while (this.#events.step(until));
    for (const { queue } of this.#environments.values()) queue.expire(this.now);
  }

  /** What there is at the beginning. */
  #found(): void {
    const own = this.#script.environments.filter(({ appears }) => appears === undefined);
    // The first is the newest, as the list of environments shows them.
    for (const [number, one] of [...own, ...OTHERS].entries()) {
      this.#make(one, this.now - HISTORY_MS - DAY_MS - number * 1000);
    }
    for (const { id } of this.#script.environments) this.access.environmentKey(id);
  }

  #make({ id, name, configType = 'self_hosted', isArchived }: Founded, createdAt: EpochMs): SimEnvironment {
    const queue = new WorkQueue(this.switches, this.stamps, randomStream(this.#options.seed, `queue ${id}`));
    const archivedAt = isArchived ? this.#origin - DAY_MS : null;
    if (archivedAt !== null && configType === 'self_hosted') queue.addHistory(3, archivedAt, DAY_MS);
    const updatedAt = archivedAt ?? createdAt;
    const environmentKey = this.access.environmentKey(id);
    const made: SimEnvironment = { id, name, configType, createdAt, updatedAt, archivedAt, environmentKey, queue };
    this.#environments.set(id, made);
    return made;
  }

  #begin(): void {
    const script = this.#script;
    Object.assign(this.switches, this.#service, switchesOf(script.file));
    this.#setSkew();
    const activities = this.environments.map((environment) => this.#play(environment));
    for (const activity of activities) activity.start();
    for (const own of script.environments) this.#planLife(own);
    for (const { trouble, environments } of script.troubles) {
      this.#agenda.each([trouble], (second) => {
        if (trouble.kind === 'api_clock') this.#setSkew();
        if (!phaseOf(trouble, second).isActive) for (const id of environments) this.#mend(trouble, id);
      });
    }
  }

  #play({ id, queue }: SimEnvironment): EnvironmentActivity {
    const { environments, troubles, seed } = this.#script;
    const entry = environments.find((one) => one.id === id)!;
    if (entry.history > 0) queue.addHistory(entry.history, this.now - DAY_MS, HISTORY_MS - DAY_MS);
    const activity = new EnvironmentActivity({
      ...{ entry, queue, events: this.#events, seed, origin: this.#origin },
      troubles: troubles.filter((one) => one.environments.includes(id)).map(({ trouble }) => trouble),
      // Another stream than that of the queue, whose draws depend on when it is read.
      random: randomStream(this.#options.seed, `events ${id}${this.#round === 0 ? '' : ` ${this.#round}`}`),
    });
    this.#activities.set(id, activity);
    return activity;
  }

  #leave(id: string): void {
    this.#activities.get(id)?.end();
    this.#activities.delete(id);
  }

  /** An environment that comes or goes. */
  #planLife({ id, name, appears, archived, deleted }: ScriptEnvironment): void {
    const at = (second: number | undefined, act: (present: SimEnvironment | null) => void) => {
      if (second !== undefined) this.#agenda.atSecond(second, () => act(this.environment(id)));
    };
    at(appears, (present) => present ?? this.#appear({ id, name }));
    at(archived, (present) => present && this.archive(present));
    at(deleted, () => {
      this.#leave(id);
      this.#environments.delete(id);
    });
  }

  /** The scenario begins in it at once. */
  #appear(one: Founded): void {
    const newest = Math.max(...this.all.map(({ createdAt }) => createdAt));
    this.#play(this.#make(one, this.stamps.after(this.now, newest))).start();
  }

  /** What whoever mends it does to the items that it left. */
  #mend(trouble: Trouble, id: string): void {
    if (trouble.kind !== 'bad_sessions' && trouble.kind !== 'blocked_head') return;
    const queue = this.environment(id)?.queue;
    for (const work of queue?.all() ?? []) {
      if (trouble.kind === 'blocked_head') work.claimable = true;
      else if (work.conduct === conductOf(trouble)) queue!.stop(this.now, work.id, true);
    }
  }

  /** The API's clock is as far ahead as the scenario says. */
  #setSkew(): void {
    const { file, troubles } = this.#script;
    const { second } = this.#agenda;
    let ahead = file.api.clock ?? 0;
    for (const { trouble } of troubles) {
      if (trouble.kind === 'api_clock' && phaseOf(trouble, second).isActive) ahead += trouble.ahead;
    }
    this.stamps.skewMs = ahead * 1000;
  }
}

export function archivedRejection(environmentId: string): Rejection {
  const details = { error_code: 'environment_archived' };
  return new Rejection(400, `Environment ${environmentId} is archived`, { details });
}
