import type { EpochMs } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { attempt } from './rejection.ts';
import type { Range, SessionConduct, WorkRecord } from './work.ts';
import { type HeartbeatAnswer, NO_HEARTBEAT, type WorkQueue } from './work-queue.ts';

/**
 * How a worker behaves.
 *
 * - `serves`: claims, acknowledges, boots, sends a heartbeat every half lease (at most 30 s), finishes.
 * - `dies-before-ack`: claims and dies, so that the item stays pending until it is reclaimed.
 * - `dies-after-ack`: acknowledges and dies before the first heartbeat.
 * - `hangs-in-boot`: acknowledges, never sends a heartbeat, and is replaced once its lease has lapsed.
 * - `stops-beating`: sends one heartbeat, then hangs until its lease has lapsed, and longer.
 * - `dies-in-run`: dies at a random moment of the run.
 * - `leaves-stopping`: at the end requests a stop, does not confirm it, and goes on.
 * - `stays`: sends heartbeats for ever.
 */
export type Habit =
  | 'serves'
  | 'dies-before-ack'
  | 'dies-after-ack'
  | 'hangs-in-boot'
  | 'stops-beating'
  | 'dies-in-run'
  | 'leaves-stopping'
  | 'stays';

export interface WorkerFleet {
  readonly workers: number;
  readonly runSeconds: Range;
  /** From the acknowledgement to the first heartbeat. */
  readonly bootSeconds: Range;
  /** What happens instead of `serves`, and in which share of runs. */
  readonly misbehaviour?: { readonly habit: Habit; readonly share: number };
  /** How long until a dead worker is replaced, under another worker id. */
  readonly restartSeconds?: Range;
  /** From the start of a worker to its sudden death, whatever it is doing then; it never dies by default. */
  readonly livesSeconds?: Range;
  /** In this fraction of runs the second heartbeat hangs, which leaves a gap of this length. */
  readonly hungHeartbeat?: { readonly share: number; readonly gapSeconds: Range };
  /** How long a worker that was asked to stop continues with its tool, without heartbeats; not at all by default. */
  readonly finishesToolSeconds?: Range;
}

/** What all activity in an environment shares: its queue, random numbers, and a way to schedule something. */
export interface ActivityContext {
  readonly queue: WorkQueue;
  readonly random: Random;
  /** Calls `run` at `at`, unless the activity that scheduled it has ended by then. */
  schedule(at: EpochMs, run: (at: EpochMs) => void): void;
  /** Called when a worker has acknowledged an item, and when an item has been stopped. */
  acknowledged(at: EpochMs, work: WorkRecord, runMs: number): void;
  ended(at: EpochMs, work: WorkRecord): void;
}

/** Milliseconds, uniformly distributed over a range of seconds. */
export function between([least, most]: Range, random: Random): number {
  return (least + (most - least) * random()) * 1000;
}

/** The official worker's cadence: docs/design/work-api.md#worker-cadence. */
const IDLE_POLL_MS = { block: 999, jitter: [1, 3] } as const;
const BEAT_MS = { least: 1000, most: 30_000 } as const;
/** A hung worker is restarted after its lease of 300 s has lapsed. */
const HUNG_SECONDS = [310, 360] as const;
const RESTART_SECONDS = [20, 40] as const;
/** Long enough that one such session is a small fraction of all runs; short enough that its item comes back often. */
const KILLED_AFTER_SECONDS = [240, 300] as const;

/** How a worker behaves when it serves such a session; a fleet's misbehaviour does not concern these. */
const HABIT_FOR: Partial<Record<SessionConduct, Habit>> = {
  wedges: 'stays',
  'awaits-approval': 'stays',
  terminates: 'stays',
  'kills-worker': 'dies-in-run',
};

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
 * It acts on the queue only through the operations of the API, and gets the same errors.
 */
export class VirtualWorker {
  readonly #id: string;
  readonly #context: ActivityContext;
  readonly #died: VirtualWorkerOptions['died'];
  #fleet: WorkerFleet;
  #fleetNumber: number;
  #gone = false;
  /** Increases when the worker turns to something else, so that what was scheduled for the old item does nothing. */
  #task = 0;
  #serving: WorkRecord | null = null;

  constructor({ id, fleet, fleetNumber, context, died }: VirtualWorkerOptions) {
    this.#id = id;
    this.#fleet = fleet;
    this.#fleetNumber = fleetNumber;
    this.#context = context;
    this.#died = died;
  }

  start(at: EpochMs): void {
    this.#later(at, (now) => this.#poll(now));
    const { livesSeconds } = this.#fleet;
    if (livesSeconds === undefined) return;
    this.#context.schedule(at + this.#between(livesSeconds), (now) => {
      if (!this.#gone) this.#die(now);
    });
  }

  /** Ends the worker; as on a shutdown signal, it stops what it is serving. */
  leave(now: EpochMs): void {
    const work = this.#serving;
    this.kill();
    if (work === null) return;
    attempt(() => this.#context.queue.stop(now, work.id, true));
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
    const work = this.#context.queue.poll(now, { workerId: this.#id });
    if (work === null) {
      this.#later(now + IDLE_POLL_MS.block + this.#between(IDLE_POLL_MS.jitter), (at) => this.#poll(at));
      return;
    }
    const habit = this.#habitFor(work);
    if (habit === 'dies-before-ack') this.#die(now);
    else this.#later(now + this.#between([0.02, 0.15]), (at) => this.#acknowledge(at, work, habit));
  }

  #acknowledge(now: EpochMs, work: WorkRecord, habit: Habit): void {
    if (attempt(() => this.#context.queue.ack(now, work.id)) === null) {
      this.#next(now);
      return;
    }
    this.#serving = work;
    if (work.type === 'healthcheck') this.#later(now + this.#between([0.1, 0.3]), (at) => this.#finish(at));
    else this.#serve(now, work, habit);
  }

  #serve(now: EpochMs, work: WorkRecord, habit: Habit): void {
    const isKiller = work.conduct === 'kills-worker';
    const runMs = this.#between(work.runSeconds ?? (isKiller ? KILLED_AFTER_SECONDS : this.#fleet.runSeconds));
    this.#context.acknowledged(now, work, runMs);
    if (habit === 'dies-after-ack') {
      this.#die(now);
      return;
    }
    if (habit === 'hangs-in-boot') {
      this.#later(now + this.#between(HUNG_SECONDS), (at) => this.#die(at));
      return;
    }
    const firstHeartbeat = now + this.#between(this.#fleet.bootSeconds);
    this.#later(firstHeartbeat, (at) => this.#heartbeat(at, work, NO_HEARTBEAT, habit === 'stops-beating'));
    if (habit === 'serves' || habit === 'leaves-stopping') {
      const force = habit === 'serves';
      this.#later(Math.max(now + runMs, firstHeartbeat + 1), (at) => this.#finish(at, force));
    } else if (habit === 'dies-in-run') {
      const reached = isKiller ? 1 : this.#context.random();
      this.#later(firstHeartbeat + reached * runMs, (at) => this.#die(at));
    } else if (habit === 'stops-beating') this.#later(now + this.#between(HUNG_SECONDS), (at) => this.#die(at));
  }

  #heartbeat(now: EpochMs, work: WorkRecord, expected: string, hangs: boolean): void {
    const { queue, random } = this.#context;
    const answer = attempt(() => queue.heartbeat(now, work.id, { expected }));
    // A rejected heartbeat means that the queue or another worker has the lease: the item is left alone.
    if (answer === null) this.#next(now);
    else if (hangs) return;
    else if (answer.state === 'stopping' || answer.state === 'stopped' || !answer.leaseExtended) {
      const { finishesToolSeconds: tool } = this.#fleet;
      this.#later(now + (tool === undefined ? 15 : this.#between(tool)), (at) => this.#finish(at));
    } else {
      const { hungHeartbeat: hung } = this.#fleet;
      const isHung = hung !== undefined && expected === NO_HEARTBEAT && random() < hung.share;
      const next = now + (isHung ? this.#between(hung.gapSeconds) : beatInterval(answer));
      this.#later(next, (at) => this.#heartbeat(at, work, answer.lastHeartbeat, false));
    }
  }

  #finish(now: EpochMs, force = true): void {
    const work = this.#serving;
    if (work === null) return;
    attempt(() => this.#context.queue.stop(now, work.id, force));
    this.#context.ended(now, work);
    this.#next(now);
  }

  #next(now: EpochMs): void {
    this.#serving = null;
    this.#task++;
    this.#later(now + this.#between([0.05, 0.3]), (at) => this.#poll(at));
  }

  #die(now: EpochMs): void {
    this.kill();
    this.#died(now + this.#between(this.#fleet.restartSeconds ?? RESTART_SECONDS), this.#fleet, this.#fleetNumber);
  }

  #habitFor({ conduct }: WorkRecord): Habit {
    const { misbehaviour } = this.#fleet;
    const own = HABIT_FOR[conduct];
    if (own !== undefined) return own;
    return misbehaviour !== undefined && this.#context.random() < misbehaviour.share ? misbehaviour.habit : 'serves';
  }

  #between(range: Range): number {
    return between(range, this.#context.random);
  }

  #later(at: EpochMs, run: (at: EpochMs) => void): void {
    const task = this.#task;
    this.#context.schedule(at, (now) => {
      if (!this.#gone && task === this.#task) run(now);
    });
  }
}

function beatInterval({ ttlSeconds }: HeartbeatAnswer): number {
  return Math.max(BEAT_MS.least, Math.min((ttlSeconds * 1000) / 2, BEAT_MS.most));
}
