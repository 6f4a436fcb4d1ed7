import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { configuredIntervalMs, OPERATIONS } from '../domain/environment.ts';
import { newSweepMemory } from '../scan/scan-state.ts';
import type { StateStore } from '../state/environment-state.ts';
import { Lane } from './connection-scheduler.ts';
import type { PollConnection, PollTarget } from './poll-connection.ts';
import type { Job } from './poll-job.ts';
import type { PollReporter } from './poll-log.ts';
import type { KeepLedger } from './poll-result.ts';

export interface PollerDeps {
  readonly states: StateStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly reporter: PollReporter;
  readonly keepLedger?: KeepLedger;
}

/** Reads every watched environment on its schedule; what is watched can be replaced while it runs. */
export class Poller {
  readonly #deps: PollerDeps;
  readonly #lanes = new Map<string, Lane>();
  /** Of connections that left, until nothing of theirs is under way. */
  readonly #leaving = new Set<Promise<void>>();
  #started = false;

  constructor(deps: PollerDeps) {
    this.#deps = deps;
  }

  /**
   * Watches exactly `targets` from now on. Jobs of environments that stay keep their due times; new ones are due at
   * once, in the order given. Reads of environments that left are called off.
   */
  watch(connections: readonly PollConnection[], targets: readonly PollTarget[]): void {
    const now = this.#deps.clock.monotonic();
    const names = new Set(connections.map(({ name }) => name));
    for (const [name, lane] of this.#lanes) {
      if (names.has(name)) continue;
      this.#lanes.delete(name);
      this.#retire(lane);
    }
    for (const connection of connections) {
      let lane = this.#lanes.get(connection.name);
      if (lane === undefined) {
        lane = new Lane(connection, this.#deps);
        this.#lanes.set(connection.name, lane);
        if (this.#started) lane.start();
      }
      lane.connection = connection;
      const own = targets.filter(({ environment }) => environment.connection === connection.name);
      lane.replace(own.flatMap((target, order) => jobsOf(target, order, now)));
    }
  }

  /** Starts to read what is watched, now and later. */
  start(): void {
    this.#started = true;
    for (const lane of this.#lanes.values()) lane.start();
  }

  /** Calls off every read and resolves when none is under way. */
  async stop(): Promise<void> {
    const lanes = [...this.#lanes.values()];
    this.#lanes.clear();
    await Promise.all([...lanes.map((lane) => lane.stop()), ...this.#leaving]);
  }

  #retire(lane: Lane): void {
    const left = lane.stop().finally(() => this.#leaving.delete(left));
    this.#leaving.add(left);
  }
}

function jobsOf({ environment, attempted }: PollTarget, order: number, now: number): Job[] {
  return OPERATIONS.filter((operation) => attempted[operation]).map((operation) => ({
    environment,
    operation,
    order,
    wishedMs: configuredIntervalMs(environment.poll, operation),
    intervalMs: configuredIntervalMs(environment.poll, operation),
    dueAt: now,
    running: false,
    waiting: false,
    again: false,
    neverRead: true,
    changedAt: now,
    requestsARead: null,
    failing: null,
    memory: newSweepMemory(),
  }));
}
