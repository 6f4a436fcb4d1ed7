import type { Random } from '../base/clock.ts';
import { type Environment, OPERATIONS, type Operation } from '../domain/environment.ts';
import { type PollConnection, Reads, type ReadsDeps } from './reads.ts';
import { type EarlyRead, Scheduler } from './scheduler.ts';
import { SessionReads } from './sessions.ts';

/** An environment to poll, and for which operations it has a credential. */
export interface PollTarget {
  readonly environment: Environment;
  readonly attempted: Readonly<Record<Operation, boolean>>;
}

/** What the poller depends on. */
export interface PollerDeps extends Omit<ReadsDeps, 'connection' | 'listSoon' | 'listEnded'> {
  readonly random: Random;
}

/** Reads every watched environment on its schedule; the set of environments can be replaced while it runs. */
export class Poller {
  readonly #deps: PollerDeps;
  readonly #pollers = new Map<string, ConnectionPoller>();
  /** Removed connections with reads still under way. */
  readonly #leaving = new Set<Promise<void>>();
  #isStarted = false;

  constructor(deps: PollerDeps) {
    this.#deps = deps;
  }

  /**
   * Watches exactly `targets` from now on. Environments that stay keep their due times; new ones are due at once. Reads of
   * removed environments are called off. `retry`: what was refused is tried again at once, as it may have been mended.
   */
  watch(connections: readonly PollConnection[], targets: readonly PollTarget[], { retry = false } = {}): void {
    const names = new Set(connections.map(({ name }) => name));
    for (const [name, poller] of this.#pollers) {
      if (names.has(name)) continue;
      this.#pollers.delete(name);
      const left = poller.stop().finally(() => this.#leaving.delete(left));
      this.#leaving.add(left);
    }
    for (const connection of connections) {
      const own = targets.filter(({ environment }) => environment.connection === connection.name);
      const known = this.#pollers.get(connection.name);
      const poller = known ?? new ConnectionPoller(connection, this.#deps);
      this.#pollers.set(connection.name, poller);
      poller.use(connection, own, retry);
      if (known === undefined && this.#isStarted) poller.start();
    }
  }

  /** Starts to read what is watched now, and what is added later. */
  start(): void {
    this.#isStarted = true;
    for (const poller of this.#pollers.values()) poller.start();
  }

  /** Reads the stats of an environment ahead of its schedule; a read under way is shared. */
  async readEarly(environmentId: string): Promise<EarlyRead> {
    for (const { scheduler } of this.#pollers.values()) {
      const result = await scheduler.readEarly(environmentId);
      if (result !== undefined) return result;
    }
    return 'not_now';
  }

  /** Calls off every read and resolves when none is under way. */
  async stop(): Promise<void> {
    const pollers = [...this.#pollers.values()];
    this.#pollers.clear();
    await Promise.all([...pollers.map((poller) => poller.stop()), ...this.#leaving]);
    this.#deps.log.end();
  }
}

/** What reads the environments of one connection: they share its budget and its slots, and nothing with other connections. */
class ConnectionPoller {
  readonly scheduler: Scheduler;
  readonly #reads: Reads;
  readonly #sessions: SessionReads;
  readonly #deps: PollerDeps;
  #connection: PollConnection;
  #isPauseLogged = false;

  constructor(first: PollConnection, deps: PollerDeps) {
    this.#connection = first;
    this.#deps = deps;
    const connection = () => this.#connection;
    this.#reads = new Reads({
      ...deps,
      connection,
      listSoon: (id) => this.scheduler.readSoon(id, 'list'),
      listEnded: (id) => this.#sessions.learn(id),
    });
    this.scheduler = new Scheduler({
      ...deps,
      budget: first.budget,
      slots: () => this.#connection.maxConcurrent,
      read: (job, signal, leaveSlot) => this.#reads.read(job, signal, leaveSlot),
      stretched: (before, after) => deps.log.intervalsScaled(first.name, before, after),
      looking: () => this.#logPause(),
    });
    const isIdle = () => this.scheduler.isIdle;
    this.#sessions = new SessionReads({ ...deps, connection, isIdle });
  }

  /** Replaces the connection by another one of the same name and budget, and what is read, from now on. */
  use(connection: PollConnection, targets: readonly PollTarget[], retry: boolean): void {
    const [before, keyBefore, key] = [this.#connection, this.#connection.apiKey ?? null, connection.apiKey ?? null];
    // Another server is asked, or another key is used.
    const isOther = before.place !== connection.place || !(key === keyBefore || key?.equals(keyBefore));
    this.#connection = connection;
    const withList = targets.filter(({ attempted }) => attempted.list);
    const listed = new Set(withList.map(({ environment }) => environment.id));
    this.#reads.use(listed, isOther);
    this.#sessions.use(listed, isOther);
    const jobs = targets.flatMap(({ environment, attempted }) =>
      OPERATIONS.filter((operation) => attempted[operation]).map((operation) => ({ environment, operation })),
    );
    this.scheduler.replace(jobs, retry || isOther);
  }

  start(): void {
    this.scheduler.start();
    this.#sessions.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#sessions.stop(), this.scheduler.stop()]);
  }

  /** A pause that begins before the API has answered anything but 429 goes on with the one before. */
  #logPause(): void {
    const { clock, log } = this.#deps;
    const { name, budget } = this.#connection;
    const { pauseMs, isRateLimited } = budget;
    if (pauseMs > 0 && !this.#isPauseLogged) log.connectionPaused(name, clock.now() + pauseMs);
    if (pauseMs === 0 && !isRateLimited && this.#isPauseLogged) log.connectionResumed(name);
    this.#isPauseLogged = pauseMs > 0 || (this.#isPauseLogged && isRateLimited);
  }
}
