import { configuredIntervalMs, OPERATIONS, type Operation } from '../domain/environment.ts';
import type { Rooms } from '../scan/memory/rooms.ts';
import { newScanState } from '../scan/memory/scan-state.ts';
import { ConnectionScheduler } from './connection-scheduler.ts';
import type { PollConnection, PollTarget } from './reads/poll-connection.ts';
import type { PollerDeps } from './reads/poller-deps.ts';
import type { EarlyRead } from './schedule/early-read.ts';
import type { PollJob } from './schedule/poll-job.ts';

/** Reads of stats scan no list, so all of their jobs share this state, which stays empty. */
const NO_SCANS = newScanState();

/** Reads every watched environment on its schedule; the set of environments can be replaced while it runs. */
export class Poller {
  readonly #deps: PollerDeps;
  readonly #schedulers = new Map<string, ConnectionScheduler>();
  /** Removed connections with reads still under way. */
  readonly #leaving = new Set<Promise<void>>();
  readonly #fleet = { jobs: 0 };
  #started = false;

  constructor(deps: PollerDeps) {
    this.#deps = deps;
  }

  /**
   * Watches exactly `targets` from now on. Jobs of environments that stay keep their due times; new ones are due at
   * once, in the given order. Reads of removed environments are called off.
   */
  watch(connections: readonly PollConnection[], targets: readonly PollTarget[]): void {
    const now = this.#deps.clock.monotonic();
    const names = new Set(connections.map(({ name }) => name));
    this.#fleet.jobs = targets.reduce((jobs, { attempted }) => jobs + operationsOf(attempted).length, 0);
    for (const [name, scheduler] of this.#schedulers) {
      if (names.has(name)) continue;
      this.#schedulers.delete(name);
      this.#retire(scheduler);
    }
    for (const connection of connections) {
      let scheduler = this.#schedulers.get(connection.name);
      if (scheduler === undefined) {
        scheduler = new ConnectionScheduler(connection, { ...this.#deps, fleet: this.#fleet });
        this.#schedulers.set(connection.name, scheduler);
        if (this.#started) scheduler.start();
      }
      scheduler.use(connection);
      const own = targets.filter(({ environment }) => environment.connection === connection.name);
      scheduler.replace(own.flatMap((target, order) => jobsOf(target, order, { now, rooms: this.#deps.rooms })));
    }
  }

  /** Starts to read what is watched now, and what is added later. */
  start(): void {
    this.#started = true;
    for (const scheduler of this.#schedulers.values()) scheduler.start();
  }

  /** Reads the stats of an environment ahead of its schedule; a read under way is shared. */
  async readEarly(environmentId: string): Promise<EarlyRead> {
    for (const scheduler of this.#schedulers.values()) {
      const result = await scheduler.readEarly(environmentId);
      if (result !== undefined) return result;
    }
    return 'not_now';
  }

  /** Calls off every read and resolves when none is under way. */
  async stop(): Promise<void> {
    const schedulers = [...this.#schedulers.values()];
    this.#schedulers.clear();
    await Promise.all([...schedulers.map((scheduler) => scheduler.stop()), ...this.#leaving]);
    this.#deps.log.end();
  }

  #retire(scheduler: ConnectionScheduler): void {
    const left = scheduler.stop().finally(() => this.#leaving.delete(left));
    this.#leaving.add(left);
  }
}

function operationsOf(attempted: PollTarget['attempted']): Operation[] {
  return OPERATIONS.filter((operation) => attempted[operation]);
}

function jobsOf(
  { environment, attempted }: PollTarget,
  order: number,
  { now, rooms }: { readonly now: number; readonly rooms: Rooms | undefined },
): PollJob[] {
  return operationsOf(attempted).map((operation) => ({
    environment,
    operation,
    order,
    configuredMs: configuredIntervalMs(environment.poll, operation),
    intervalMs: configuredIntervalMs(environment.poll, operation),
    dueAt: now,
    running: false,
    waiting: false,
    readAgain: false,
    neverRead: true,
    changedAt: now,
    requestsPerRead: null,
    failing: null,
    slow: false,
    provenAt: null,
    scanState: operation === 'list' ? newScanState(rooms) : NO_SCANS,
  }));
}
