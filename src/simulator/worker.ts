import type { EpochMs } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { Agenda, type EventQueue } from './event-queue.ts';
import { between } from './identity.ts';
import { attempt } from './rejection.ts';
import type { Range, SessionConduct, WorkRecord } from './work.ts';
import { type HeartbeatAnswer, NO_HEARTBEAT, type WorkQueue } from './work-queue.ts';

/** How a worker behaves in a run. */
export type Habit =
  | 'serves' // claims, acknowledges, boots, sends a heartbeat every half lease (at most 30 s), finishes
  | 'dies-before-ack' // so that the item stays pending until it is reclaimed
  | 'dies-after-ack' // before the first heartbeat
  | 'hangs-in-boot' // never sends a heartbeat, and is replaced once its lease has lapsed
  | 'stops-beating' // sends one heartbeat, then hangs until its lease has lapsed, and longer
  | 'dies-in-run' // at a random moment of the run
  | 'leaves-stopping' // at the end requests a stop, does not confirm it, and goes on
  | 'stays'; // sends heartbeats for ever

/** Workers that are alike. */
export interface WorkerFleet {
  readonly workers: number;
  readonly run: Range;
  /** From the acknowledgement to the first heartbeat. */
  readonly boot: Range;
  /** What happens instead of `serves`, and in which share of runs. */
  readonly misbehaviour?: { readonly habit: Habit; readonly share: number };
  /** How long until a dead worker is replaced, under another worker id. */
  readonly restart?: Range | undefined;
  /** From the start of a worker to its sudden death, whatever it is doing then; it never dies by default. */
  readonly lives?: Range | undefined;
  /** In this share of runs the second heartbeat hangs, which leaves such a gap. */
  readonly hungHeartbeat?: { readonly share: number; readonly gap: Range };
  /** How long a worker that was asked to stop continues with its tool, without heartbeats; not at all by default. */
  readonly finishesTool?: Range | undefined;
}

/** The official worker's cadence: docs/design/work-api.md#worker-cadence. */
const IDLE_POLL_MS = { block: 999, jitter: [1, 3] } as const;
const BEAT_MS = { least: 1000, most: 30_000 } as const;
/** A hung worker is restarted after its lease of 300 s has lapsed. */
const HUNG = [310, 360] as const;
const RESTART = [20, 40] as const;
/** Long enough that one such session is a small fraction of all runs; short enough that its item comes back often. */
const KILLED_AFTER = [240, 300] as const;

/** How a worker behaves when it serves such a session; a fleet's misbehaviour does not concern these. */
const HABIT_FOR: Partial<Record<SessionConduct, Habit>> = {
  wedges: 'stays',
  'awaits-approval': 'stays',
  terminates: 'stays',
  'kills-worker': 'dies-in-run',
};

/** Where a worker works, and whom it tells. */
export interface WorkerSite {
  readonly queue: WorkQueue;
  readonly events: EventQueue;
  readonly random: Random;
  acknowledged(now: EpochMs, work: WorkRecord, runMs: number): void;
  ended(now: EpochMs, work: WorkRecord): void;
  died(worker: VirtualWorker, due: EpochMs): void;
}

/**
 * A worker inside the simulated world. Like the official one it is serial: while it serves an item it does not poll.
 * It acts on the queue only through the operations of the API, and gets the same errors.
 */
export class VirtualWorker {
  /** It goes on as one of another fleet from its next item on. */
  fleet: WorkerFleet;
  readonly #id: string;
  readonly #site: WorkerSite;
  readonly #life: Agenda;
  /** What it does for its present item. */
  #task: Agenda;
  #serving: WorkRecord | null = null;

  constructor(id: string, fleet: WorkerFleet, site: WorkerSite) {
    this.#id = id;
    this.fleet = fleet;
    this.#site = site;
    this.#life = new Agenda(site.events);
    this.#task = new Agenda(site.events);
  }

  start(at: EpochMs): void {
    this.#task.at(at, (now) => this.#poll(now));
    const { lives } = this.fleet;
    if (lives !== undefined) this.#life.at(at + this.#between(lives), (now) => this.#die(now));
  }

  /** Ends the worker; as on a shutdown signal, it stops what it is serving. */
  leave(now: EpochMs): void {
    const work = this.#serving;
    this.kill();
    if (work !== null) this.#stop(now, work, true);
  }

  /** Dies on the spot, and nobody replaces it. */
  kill(): void {
    this.#life.close();
    this.#task.close();
    this.#serving = null;
  }

  #poll(now: EpochMs): void {
    const work = this.#site.queue.poll(now, { workerId: this.#id });
    if (work === null) {
      this.#task.at(now + IDLE_POLL_MS.block + this.#between(IDLE_POLL_MS.jitter), (at) => this.#poll(at));
      return;
    }
    const habit = this.#habitFor(work);
    if (habit === 'dies-before-ack') this.#die(now);
    else this.#task.at(now + this.#between([0.02, 0.15]), (at) => this.#acknowledge(at, work, habit));
  }

  #acknowledge(now: EpochMs, work: WorkRecord, habit: Habit): void {
    if (attempt(() => this.#site.queue.ack(now, work.id)) === null) {
      this.#next(now);
      return;
    }
    this.#serving = work;
    if (work.type === 'healthcheck') this.#task.at(now + this.#between([0.1, 0.3]), (at) => this.#finish(at));
    else this.#serve(now, work, habit);
  }

  #serve(now: EpochMs, work: WorkRecord, habit: Habit): void {
    const isKiller = work.conduct === 'kills-worker';
    const runMs = this.#between(work.run ?? (isKiller ? KILLED_AFTER : this.fleet.run));
    this.#site.acknowledged(now, work, runMs);
    if (habit === 'dies-after-ack') {
      this.#die(now);
      return;
    }
    const dieAt = (at: EpochMs) => this.#task.at(at, (due) => this.#die(due));
    if (habit === 'hangs-in-boot') {
      dieAt(now + this.#between(HUNG));
      return;
    }
    const firstHeartbeat = now + this.#between(this.fleet.boot);
    this.#task.at(firstHeartbeat, (at) => this.#heartbeat(at, work, NO_HEARTBEAT, habit === 'stops-beating'));
    if (habit === 'stops-beating') dieAt(now + this.#between(HUNG));
    else if (habit === 'dies-in-run') dieAt(firstHeartbeat + (isKiller ? 1 : this.#site.random()) * runMs);
    else if (habit !== 'stays') {
      const isForced = habit === 'serves';
      this.#task.at(Math.max(now + runMs, firstHeartbeat + 1), (at) => this.#finish(at, isForced));
    }
  }

  #heartbeat(now: EpochMs, work: WorkRecord, expected: string, hangs: boolean): void {
    const answer = attempt(() => this.#site.queue.heartbeat(now, work.id, { expected }));
    const { hungHeartbeat: hung, finishesTool } = this.fleet;
    // A rejected heartbeat means that the queue or another worker has the lease: the item is left alone.
    if (answer === null) this.#next(now);
    else if (hangs) return;
    else if (answer.state === 'stopping' || answer.state === 'stopped' || !answer.leaseExtended) {
      this.#task.at(now + (finishesTool === undefined ? 15 : this.#between(finishesTool)), (at) => this.#finish(at));
    } else {
      const isHung = hung !== undefined && expected === NO_HEARTBEAT && this.#site.random() < hung.share;
      const next = now + (isHung ? this.#between(hung.gap) : beatInterval(answer));
      this.#task.at(next, (at) => this.#heartbeat(at, work, answer.lastHeartbeat, false));
    }
  }

  #finish(now: EpochMs, isForced = true): void {
    if (this.#serving === null) return;
    this.#stop(now, this.#serving, isForced);
    this.#next(now);
  }

  #stop(now: EpochMs, work: WorkRecord, isForced: boolean): void {
    attempt(() => this.#site.queue.stop(now, work.id, isForced));
    this.#site.ended(now, work);
  }

  /** Whatever it planned for its item does not happen. */
  #next(now: EpochMs): void {
    this.#serving = null;
    this.#task.close();
    this.#task = new Agenda(this.#site.events);
    this.#task.at(now + this.#between([0.05, 0.3]), (at) => this.#poll(at));
  }

  #die(now: EpochMs): void {
    this.kill();
    this.#site.died(this, now + this.#between(this.fleet.restart ?? RESTART));
  }

  #habitFor({ conduct }: WorkRecord): Habit {
    const { misbehaviour } = this.fleet;
    const own = HABIT_FOR[conduct];
    if (own !== undefined) return own;
    return misbehaviour !== undefined && this.#site.random() < misbehaviour.share ? misbehaviour.habit : 'serves';
  }

  #between(range: Range): number {
    return between(range, this.#site.random);
  }
}

function beatInterval({ ttlSeconds }: HeartbeatAnswer): number {
  return Math.max(BEAT_MS.least, Math.min((ttlSeconds * 1000) / 2, BEAT_MS.most));
}
