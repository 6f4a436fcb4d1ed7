import type { EpochMs } from '../base/clock.ts';
import { conductOf, EnvironmentActivity } from './activity.ts';
import { Agenda, EventQueue } from './event-queue.ts';
import { randomStream } from './identity.ts';
import type { Trouble } from './scenario-schema.ts';
import { planFor, type Script, type ScriptEnvironment, skewAt, switchesOf } from './script.ts';
import { ApiStamps } from './stamps.ts';
import type { Switches } from './switches.ts';
import { edgeAfter, isActive } from './timing.ts';
import { WorkQueue } from './work-queue.ts';

const DAY_MS = 86_400_000;
/** The time over which the history of an environment is spread. */
const HISTORY_MS = 30 * DAY_MS;

/** An environment of the simulated organization. Times ending in `At` are the API's stamps. */
export interface SimEnvironment {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly configType: 'self_hosted' | 'cloud';
  readonly createdAt: EpochMs;
  updatedAt: EpochMs;
  archivedAt: EpochMs | null;
  readonly queue: WorkQueue;
}

type Named = Pick<SimEnvironment, 'id' | 'name'>;
export type NewEnvironment = Named & Partial<Pick<SimEnvironment, 'description' | 'metadata' | 'configType'>>;

/** What else an organization has besides the watched environments: a monitor must leave these alone. */
const OTHERS = [
  { id: 'env_sim_cloud', name: 'cloud', configType: 'cloud', isArchived: false },
  { id: 'env_sim_archived', name: 'retired', configType: 'self_hosted', isArchived: true },
  { id: 'env_sim_cloud_archived', name: 'cloud-retired', configType: 'cloud', isArchived: true },
] as const;

export interface WorldOptions {
  readonly startAt: EpochMs;
  readonly seed: number;
  /** Of the service; the scenario may change some. */
  readonly switches: Switches;
  readonly script: Script;
  /** Whose environments it has; null: those of all. */
  readonly connection: string | null;
}

/**
 * The simulated world: a discrete-event model. It has no clock and no timers. `advance` runs everything that happens up to
 * a moment, in order; the same seed and the same calls at the same moments always give the same world.
 */
export class World {
  /** In force: those of the service, as the scenario changes them. */
  readonly switches: Switches;
  /** The API's clock. */
  readonly stamps: ApiStamps;
  readonly #options: WorldOptions;
  readonly #events: EventQueue;
  /** By id, in order of creation. */
  readonly #environments = new Map<string, SimEnvironment>();
  /** By environment id. The activity of an archived environment continues until its work is done. */
  readonly #activities = new Map<string, EnvironmentActivity>();
  #script: Script;
  /** Second 0 of the scenario. */
  #origin: EpochMs;
  /** Of the scenario. */
  #agenda: Agenda;
  /** Counts the scenarios: each has its own random events. */
  #round = 0;

  constructor(options: WorldOptions) {
    const { startAt, script, switches } = options;
    this.#options = options;
    this.switches = { ...switches };
    this.stamps = new ApiStamps(this.switches);
    this.#script = script;
    this.#origin = startAt;
    this.#events = new EventQueue(startAt - script.file.warm_up * 1000);
    this.#agenda = new Agenda(this.#events);
    const own = this.#own().filter(({ appears }) => appears === undefined);
    const present = [...own.map(({ id, name }) => ({ id, name, isArchived: false })), ...OTHERS];
    // The first is the newest, as the list of environments shows them.
    for (const [number, { isArchived, ...one }] of present.entries()) {
      const environment = this.#make(one, this.now - HISTORY_MS - DAY_MS - number * 1000);
      if (!isArchived) continue;
      environment.archivedAt = startAt - DAY_MS;
      environment.updatedAt = environment.archivedAt;
      if (environment.configType === 'self_hosted') environment.queue.addHistory(3, environment.archivedAt, DAY_MS);
    }
    this.#begin();
    this.advance(startAt);
  }

  /** Simulated time, without the API's clock skew. */
  get now(): EpochMs {
    return this.#events.now;
  }

  get script(): Script {
    return this.#script;
  }

  /** Seconds of the scenario that have passed. */
  get second(): number {
    return (this.now - this.#origin) / 1000;
  }

  get environments(): readonly SimEnvironment[] {
    return [...this.#environments.values()];
  }

  environment(id: string): SimEnvironment | null {
    return this.#environments.get(id) ?? null;
  }

  /** Self-hosted and not archived: those in which something happens. */
  live(): readonly SimEnvironment[] {
    return this.environments.filter((one) => one.configType === 'self_hosted' && one.archivedAt === null);
  }

  /** Adds an environment, in which the current scenario begins at once. */
  create(environment: NewEnvironment): SimEnvironment {
    const newest = Math.max(...this.environments.map(({ createdAt }) => createdAt));
    const created = this.#make(environment, this.stamps.after(this.now, newest));
    if (created.configType === 'self_hosted') this.#play(created, this.live().length - 1).start();
    return created;
  }

  /** No new work from now on; existing work drains. */
  archive(environment: SimEnvironment): void {
    environment.archivedAt = this.stamps.at(this.now);
    environment.updatedAt = environment.archivedAt;
    this.#activities.get(environment.id)?.drain();
  }

  /** Removes an environment with everything in it. */
  remove({ id }: SimEnvironment): void {
    this.#leave(id);
    this.#environments.delete(id);
  }

  /** Runs everything that happens up to `until`. Time never goes back: an earlier moment changes nothing. */
  advance(until: EpochMs): void {
    while (this.#events.step(until));
    for (const { queue } of this.#environments.values()) queue.expire(this.now);
  }

  /** Ends the current scenario and begins another one, in the same environments and with the existing items. */
  setScript(script: Script): void {
    for (const { id } of this.live()) this.#leave(id);
    for (const { queue } of this.live()) queue.release(this.now);
    this.#round++;
    this.#script = script;
    this.#origin = this.now;
    this.#agenda.close();
    this.#agenda = new Agenda(this.#events);
    this.#begin();
  }

  /** The environments of the scenario that are in this world. */
  #own(): readonly ScriptEnvironment[] {
    const { connection } = this.#options;
    return this.#script.environments.filter((one) => connection === null || one.connection === connection);
  }

  #make(environment: NewEnvironment, createdAt: EpochMs): SimEnvironment {
    const random = randomStream(this.#options.seed, `queue ${environment.id}`);
    const queue = new WorkQueue({ switches: this.switches, stamps: this.stamps, random });
    const usual = { description: null, metadata: {}, configType: 'self_hosted' } as const;
    const made = { ...usual, ...environment, createdAt, updatedAt: createdAt, archivedAt: null, queue };
    this.#environments.set(made.id, made);
    return made;
  }

  #begin(): void {
    const script = this.#script;
    Object.assign(this.switches, this.#options.switches, switchesOf(script.file));
    this.#setSkew();
    const activities = this.live().map((environment, number) => {
      const { history } = planFor(script, environment.id, number).entry;
      if (history > 0) environment.queue.addHistory(history, this.now - DAY_MS, HISTORY_MS - DAY_MS);
      return this.#play(environment, number);
    });
    for (const activity of activities) activity.start();
    for (const own of this.#own()) this.#planLife(own);
    for (const { trouble, environments } of script.troubles) this.#atEdges(trouble, environments);
  }

  #play({ id, queue }: SimEnvironment, number: number): EnvironmentActivity {
    const activity = new EnvironmentActivity({
      ...planFor(this.#script, id, number),
      ...{ id, queue, events: this.#events, seed: this.#script.seed, origin: this.#origin },
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
    const at = (second: number | undefined, act: (present: SimEnvironment | undefined) => void) => {
      if (second !== undefined) this.#at(second, () => act(this.#environments.get(id)));
    };
    at(appears, (present) => present ?? this.create({ id, name }));
    at(archived, (present) => present && this.archive(present));
    at(deleted, (present) => present && this.remove(present));
  }

  /** What begins or ends with a trouble. */
  #atEdges(trouble: Trouble, environments: readonly string[]): void {
    const next = edgeAfter(trouble, this.second);
    if (!Number.isFinite(next)) return;
    this.#at(next, () => {
      if (trouble.kind === 'api_clock') this.#setSkew();
      if (!isActive(trouble, this.second)) for (const id of environments) this.#mend(trouble, id);
      this.#atEdges(trouble, environments);
    });
  }

  /** What whoever mends it does to the items that it left. */
  #mend(trouble: Trouble, id: string): void {
    if (trouble.kind !== 'bad_sessions' && trouble.kind !== 'blocked_head') return;
    const queue = this.#environments.get(id)?.queue;
    for (const work of queue?.all() ?? []) {
      if (trouble.kind === 'blocked_head') work.claimable = true;
      else if (work.conduct === conductOf(trouble)) queue!.stop(this.now, work.id, true);
    }
  }

  /** The API's clock is as far ahead as the scenario says. */
  #setSkew(): void {
    this.stamps.skewMs = skewAt(this.#script, this.#options.connection, this.second) * 1000;
  }

  #at(second: number, run: () => void): void {
    this.#agenda.at(this.#origin + second * 1000, run);
  }
}
