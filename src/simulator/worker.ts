import type { EpochMs } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { Agenda, type EventQueue } from './agenda.ts';
import { attempt } from './faults.ts';
import { between } from './identity.ts';
import type { Trouble } from './scenario-schema.ts';
import type { Range, WorkRecord } from './work.ts';
import { NO_HEARTBEAT, type WorkQueue } from './work-queue.ts';

/** What goes wrong with a share of runs: docs/simulator.md. */
type Misbehaviour = Extract<
  Trouble,
  { kind: 'workers_hang' | 'boots_hang' | 'boots_fail' | 'claims_lost' | 'runs_die' | 'items_stay_stopping' }
>;
/** How a worker behaves in a run. One that stays sends heartbeats for ever. */
type Habit = Misbehaviour['kind'] | 'serves' | 'stays';

/** Workers that are alike. */
export interface WorkerFleet {
  readonly workers: number;
  readonly run: Range;
  /** From the acknowledgement to the first heartbeat. */
  readonly boot: Range;
  readonly misbehaviour?: Misbehaviour;
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
    const work = this.#site.queue.poll(now, this.#id);
    if (work === null) {
      this.#task.at(now + IDLE_POLL_MS.block + this.#between(IDLE_POLL_MS.jitter), (at) => this.#poll(at));
      return;
    }
    const habit = this.#habitFor(work);
    if (habit === 'claims_lost') this.#die(now);
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
    if (habit === 'boots_fail') {
      this.#die(now);
      return;
    }
    const dieAt = (at: EpochMs) => this.#task.at(at, (due) => this.#die(due));
    if (habit === 'boots_hang') {
      dieAt(now + this.#between(HUNG));
      return;
    }
    const firstHeartbeat = now + this.#between(this.fleet.boot);
    this.#task.at(firstHeartbeat, (at) => this.#heartbeat(at, work, NO_HEARTBEAT, habit === 'workers_hang'));
    if (habit === 'workers_hang') dieAt(now + this.#between(HUNG));
    else if (habit === 'runs_die') dieAt(firstHeartbeat + (isKiller ? 1 : this.#site.random()) * runMs);
    else if (habit !== 'stays') {
      const isForced = habit !== 'items_stay_stopping';
      this.#task.at(Math.max(now + runMs, firstHeartbeat + 1), (at) => this.#finish(at, isForced));
    }
  }

  #heartbeat(now: EpochMs, work: WorkRecord, expected: string, hangs: boolean): void {
    const answer = attempt(() => this.#site.queue.heartbeat(now, work.id, expected));
    const { hungHeartbeat: hung, finishesTool } = this.fleet;
    // A rejected heartbeat means that the queue or another worker has the lease: the item is left alone.
    if (answer === null) this.#next(now);
    else if (hangs) return;
    else if (answer.state === 'stopping' || answer.state === 'stopped' || !answer.lease_extended) {
      this.#task.at(now + (finishesTool === undefined ? 15 : this.#between(finishesTool)), (at) => this.#finish(at));
    } else {
      const isHung = hung !== undefined && expected === NO_HEARTBEAT && this.#site.random() < hung.share;
      const next = now + (isHung ? this.#between(hung.gap) : beatInterval(answer.ttl_seconds));
      this.#task.at(next, (at) => this.#heartbeat(at, work, answer.last_heartbeat, false));
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

  /** How it behaves depends on the session first: a fleet's misbehaviour does not concern those that misbehave themselves. */
  #habitFor({ conduct }: WorkRecord): Habit {
    const { misbehaviour } = this.fleet;
    if (conduct !== 'turns') return conduct === 'kills-worker' ? 'runs_die' : 'stays';
    return misbehaviour !== undefined && this.#site.random() < misbehaviour.share ? misbehaviour.kind : 'serves';
  }

  #between(range: Range): number {
    return between(range, this.#site.random);
  }
}

function beatInterval(ttlSeconds: number): number {
  return Math.max(BEAT_MS.least, Math.min((ttlSeconds * 1000) / 2, BEAT_MS.most));
}
