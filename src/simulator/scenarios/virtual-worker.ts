import type { EpochMs } from '../../base/clock.ts';
import { NO_HEARTBEAT } from '../queue/heartbeat.ts';
import { Rejection } from '../queue/rejection.ts';
import type { WorkRecord } from '../queue/work-record.ts';
import { type ActivityContext, between } from './activity-context.ts';
import type { Habit, WorkerFleet } from './scenario.ts';
import {
  DEFAULT_RESTART_SECONDS,
  deathPoint,
  HUNG_SECONDS,
  habitFor,
  heartbeatInterval,
  IDLE_POLL_MS,
  runMsOf,
} from './worker-habits.ts';

export interface VirtualWorkerOptions {
  readonly id: string;
  readonly fleet: WorkerFleet;
  /** Counts the fleets that an environment has had. */
  readonly fleetNumber: number;
  readonly context: ActivityContext;
  /** Called when the worker is gone for good; its successor in its fleet is due at `at`. */
  readonly died: (at: EpochMs, fleet: WorkerFleet, fleetNumber: number) => void;
}

/**
 * A worker inside the simulated world. Like the official one it is serial: while it serves an item it does not poll.
 *
 * It acts on the queue only through the operations of the API, and gets the same errors.
 */
export class VirtualWorker {
  readonly id: string;
  #fleet: WorkerFleet;
  #fleetNumber: number;
  readonly #context: ActivityContext;
  readonly #died: VirtualWorkerOptions['died'];
  #gone = false;
  /** Increases when the worker turns to something else, so that what was scheduled for the old item does nothing. */
  #task = 0;
  #serving: WorkRecord | null = null;

  constructor(options: VirtualWorkerOptions) {
    this.id = options.id;
    this.#fleet = options.fleet;
    this.#fleetNumber = options.fleetNumber;
    this.#context = options.context;
    this.#died = options.died;
  }

  start(at: EpochMs): void {
    this.#later(at, (now) => this.#poll(now));
    const { livesSeconds } = this.#fleet;
    if (livesSeconds === undefined) return;
    this.#context.schedule(at + between(livesSeconds, this.#context.random), (now) => {
      if (!this.#gone) this.#die(now);
    });
  }

  /** Ends the worker; as on a shutdown signal, it stops what it is serving. */
  leave(now: EpochMs): void {
    const work = this.#serving;
    this.#gone = true;
    this.#serving = null;
    if (work === null) return;
    this.#attempt(() => this.#context.queue.stop(now, work.id, true));
    this.#context.ended(now, work);
  }

  /** Goes on as one of another fleet, from its next item on. */
  join(fleet: WorkerFleet, fleetNumber: number): void {
    this.#fleet = fleet;
    this.#fleetNumber = fleetNumber;
  }

  /** Dies on the spot, and nobody replaces it. */
  kill(): void {
    this.#gone = true;
    this.#serving = null;
  }

  #poll(now: EpochMs): void {
    const { queue, random } = this.#context;
    const work = queue.poll(now, { workerId: this.id });
    if (work === null) {
      this.#later(now + IDLE_POLL_MS.block + between(IDLE_POLL_MS.jitter, random), (at) => this.#poll(at));
      return;
    }
    const habit = habitFor(work, this.#fleet, random);
    if (habit === 'dies-before-ack') this.#die(now);
    else this.#later(now + between([0.02, 0.15], random), (at) => this.#acknowledge(at, work, habit));
  }

  #acknowledge(now: EpochMs, work: WorkRecord, habit: Habit | 'stays'): void {
    const { queue, random } = this.#context;
    if (this.#attempt(() => queue.ack(now, work.id)) === null) {
      this.#next(now);
      return;
    }
    this.#serving = work;
    if (work.type === 'healthcheck') this.#later(now + between([0.1, 0.3], random), (at) => this.#finish(at));
    else this.#serve(now, work, habit);
  }

  #serve(now: EpochMs, work: WorkRecord, habit: Habit | 'stays'): void {
    const { random } = this.#context;
    const runMs = runMsOf(work, this.#fleet, random);
    this.#context.acknowledged(now, work, runMs);
    if (habit === 'dies-after-ack') {
      this.#die(now);
      return;
    }
    if (habit === 'hangs-in-boot') {
      this.#later(now + between(HUNG_SECONDS, random), (at) => this.#die(at));
      return;
    }
    const firstHeartbeat = now + between(this.#fleet.bootSeconds, random);
    this.#later(firstHeartbeat, (at) => this.#heartbeat(at, work, NO_HEARTBEAT, habit === 'stops-beating'));
    if (habit === 'serves' || habit === 'leaves-stopping') {
      const force = habit === 'serves';
      this.#later(Math.max(now + runMs, firstHeartbeat + 1), (at) => this.#finish(at, force));
    }
    if (habit === 'dies-in-run') this.#later(firstHeartbeat + deathPoint(work, random) * runMs, (at) => this.#die(at));
    if (habit === 'stops-beating') this.#later(now + between(HUNG_SECONDS, random), (at) => this.#die(at));
  }

  #heartbeat(now: EpochMs, work: WorkRecord, expected: string, hangs: boolean): void {
    const { random } = this.#context;
    const answer = this.#attempt(() => this.#context.queue.heartbeat(now, work.id, { expected }));
    // A rejected heartbeat means that the queue or another worker has the lease: the item is left alone.
    if (answer === null) this.#next(now);
    else if (hangs) return;
    else if (answer.state === 'stopping' || answer.state === 'stopped' || !answer.leaseExtended) {
      const { finishesToolSeconds: tool } = this.#fleet;
      this.#later(now + (tool === undefined ? 15 : between(tool, random)), (at) => this.#finish(at));
    } else {
      const { hungHeartbeat: hung } = this.#fleet;
      const isHung = hung !== undefined && expected === NO_HEARTBEAT && random() < hung.share;
      const next = now + (isHung ? between(hung.gapSeconds, random) : heartbeatInterval(answer));
      this.#later(next, (at) => this.#heartbeat(at, work, answer.lastHeartbeat, false));
    }
  }

  #finish(now: EpochMs, force = true): void {
    const work = this.#serving;
    if (work === null) return;
    this.#attempt(() => this.#context.queue.stop(now, work.id, force));
    this.#serving = null;
    this.#context.ended(now, work);
    this.#next(now);
  }

  #next(now: EpochMs): void {
    this.#serving = null;
    this.#task++;
    this.#later(now + between([0.05, 0.3], this.#context.random), (at) => this.#poll(at));
  }

  #die(now: EpochMs): void {
    this.#gone = true;
    this.#serving = null;
    const due = now + between(this.#fleet.restartSeconds ?? DEFAULT_RESTART_SECONDS, this.#context.random);
    this.#died(due, this.#fleet, this.#fleetNumber);
  }

  #later(at: EpochMs, run: (at: EpochMs) => void): void {
    const task = this.#task;
    this.#context.schedule(at, (now) => {
      if (!this.#gone && task === this.#task) run(now);
    });
  }

  /** The result, or null when the API answers with an error. */
  #attempt<T>(call: () => T): T | null {
    try {
      return call();
    } catch (error) {
      if (error instanceof Rejection) return null;
      throw error;
    }
  }
}
