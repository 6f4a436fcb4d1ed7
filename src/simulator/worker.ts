import type { EpochMs, Random } from '../base/clock.ts';
import { Agenda, between, type EventQueue } from './agenda.ts';
import { attempt } from './faults.ts';
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
  /** Its workers are there only while there is work: for how long after it has come they start, and how long they stay without any. */
  readonly onDemand?: { readonly after: Range; readonly stays: number } | undefined;
}

/** The official worker's cadence: docs/design/work-api.md#worker-cadence. */
const IDLE_POLL_MS = { block: 999, jitter: [1, 3] } as const;
const BEAT_MS = { least: 1000, most: 30_000 } as const;
/** A hung worker is restarted after its lease of 300 s has lapsed. */
const HUNG = [310, 360] as const;
const RESTART = [20, 40] as const;
/** Long enough that one such session is a small fraction of all runs; short enough that its item comes back often. */
const KILLED_AFTER = [240, 300] as const;

const NEVER = Number.POSITIVE_INFINITY;

/** What a worker does, up to its end: the moments at which it acts. */
type Life = Generator<EpochMs, 'dies' | 'leaves', EpochMs>;

/** Where a worker works, and whom it tells. */
export interface WorkerSite {
  readonly queue: WorkQueue;
  readonly events: EventQueue;
  readonly random: Random;
  acknowledged(now: EpochMs, work: WorkRecord, runMs: number): void;
  ended(now: EpochMs, work: WorkRecord): void;
  died(worker: VirtualWorker, due: EpochMs): void;
  /** It was there for the work that there was, and is not replaced. */
  left(worker: VirtualWorker): void;
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
  readonly #agenda: Agenda;
  #serving: WorkRecord | null = null;

  constructor(id: string, fleet: WorkerFleet, site: WorkerSite) {
    this.#id = id;
    this.fleet = fleet;
    this.#site = site;
    this.#agenda = new Agenda(site.events);
  }

  start(at: EpochMs): void {
    this.#agenda.at(at, (now) => this.#goOn(now, this.#live(now)));
    const { lives } = this.fleet;
    if (lives !== undefined) this.#agenda.at(at + this.#between(lives), (now) => this.#die(now));
  }

  /** Ends the worker; as on a shutdown signal, it stops what it is serving. */
  leave(now: EpochMs): void {
    this.kill();
    if (this.#serving !== null) this.#stop(now, this.#serving, true);
  }

  /** Dies on the spot, and nobody replaces it. */
  kill(): void {
    this.#agenda.close();
  }

  #goOn(now: EpochMs, life: Life): void {
    const { done, value } = life.next(now);
    if (!done) this.#agenda.at(value, (next) => this.#goOn(next, life));
    else if (value === 'dies') this.#die(now);
    else {
      this.kill();
      this.#site.left(this);
    }
  }

  #die(now: EpochMs): void {
    this.kill();
    this.#site.died(this, now + this.#between(this.fleet.restart ?? RESTART));
  }

  *#live(now: EpochMs): Life {
    const { queue } = this.#site;
    let idleSince = now;
    for (;;) {
      const work = queue.poll(now, this.#id);
      if (work === null) {
        const { onDemand } = this.fleet;
        if (onDemand !== undefined && now - idleSince >= onDemand.stays * 1000) return 'leaves';
        now = yield now + IDLE_POLL_MS.block + this.#between(IDLE_POLL_MS.jitter);
        continue;
      }
      const habit = this.#habitFor(work);
      if (habit === 'claims_lost') return 'dies';
      now = yield now + this.#between([0.02, 0.15]);
      if (attempt(() => queue.ack(now, work.id)) !== null) {
        this.#serving = work;
        const end = yield* this.#serve(now, work, habit);
        if (end === null) return 'dies';
        this.#serving = null;
        now = end;
      }
      now = yield now + this.#between([0.05, 0.3]);
      idleSince = now;
    }
  }

  /** Returns when it has served the item; null: it dies meanwhile. */
  *#serve(start: EpochMs, work: WorkRecord, habit: Habit): Generator<EpochMs, EpochMs | null, EpochMs> {
    if (work.type === 'healthcheck') {
      const now = yield start + this.#between([0.1, 0.3]);
      return this.#stop(now, work, true);
    }
    const isKiller = work.conduct === 'kills-worker';
    const runMs = this.#between(work.run ?? (isKiller ? KILLED_AFTER : this.fleet.run));
    this.#site.acknowledged(start, work, runMs);
    if (habit === 'boots_fail') return null;
    if (habit === 'boots_hang') {
      yield start + this.#between(HUNG);
      return null;
    }
    let beatAt = start + this.#between(this.fleet.boot);
    let diesAt = NEVER;
    let endsAt = NEVER;
    if (habit === 'workers_hang') diesAt = start + this.#between(HUNG);
    else if (habit === 'runs_die') diesAt = beatAt + (isKiller ? 1 : this.#site.random()) * runMs;
    else if (habit !== 'stays') endsAt = Math.max(start + runMs, beatAt + 1);
    let isForced = habit !== 'items_stay_stopping';
    let expected = NO_HEARTBEAT;
    for (;;) {
      const now = yield Math.min(beatAt, diesAt, endsAt);
      if (now === diesAt) return null;
      if (now === endsAt) return this.#stop(now, work, isForced);
      const answer = attempt(() => this.#site.queue.heartbeat(now, work.id, expected));
      // A rejected heartbeat means that the queue or another worker has the lease: the item is left alone.
      if (answer === null) return now;
      if (habit === 'workers_hang') beatAt = NEVER;
      else if (answer.state !== 'stopping' && answer.lease_extended) beatAt = now + this.#pauseAfter(answer, expected);
      else {
        const { finishesTool } = this.fleet;
        const stopsAt = now + (finishesTool === undefined ? 15 : this.#between(finishesTool));
        beatAt = NEVER;
        if (stopsAt < endsAt) [endsAt, isForced] = [stopsAt, true];
      }
      expected = answer.last_heartbeat;
    }
  }

  /** Until its next heartbeat. */
  #pauseAfter({ ttl_seconds }: { readonly ttl_seconds: number }, expected: string): number {
    const { hungHeartbeat: hung } = this.fleet;
    const isHung = hung !== undefined && expected === NO_HEARTBEAT && this.#site.random() < hung.share;
    if (isHung) return this.#between(hung.gap);
    return Math.max(BEAT_MS.least, Math.min((ttl_seconds * 1000) / 2, BEAT_MS.most));
  }

  #stop(now: EpochMs, work: WorkRecord, isForced: boolean): EpochMs {
    attempt(() => this.#site.queue.stop(now, work.id, isForced));
    this.#site.ended(now, work);
    return now;
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
