import type { EpochMs, Random } from '../base/clock.ts';
import { Agenda, between, type EventQueue, JUST_BEFORE, phaseOf, randomStream, type When } from './agenda.ts';
import { attempt } from './faults.ts';
import type { EnvironmentEntry, Trouble } from './scenario-schema.ts';
import type { ScriptEnvironment } from './scenarios.ts';
import type { NewWork, SessionConduct, WorkRecord } from './work.ts';
import type { WorkQueue } from './work-queue.ts';
import { VirtualWorker, type WorkerFleet, type WorkerSite } from './worker.ts';

const TEAMS = ['search', 'billing', 'docs'] as const;
/** Workers do not start at the same instant. */
const START = [0, 3] as const;
/** Whose workers would stay as they are for minutes, so that whoever mends it restarts them. */
const HANGING: ReadonlySet<Trouble['kind']> = new Set(['workers_hang', 'boots_hang']);
const REPLACED_AFTER_SECONDS = 0.5;

/** What the simulator calls what sessions do. */
export function conductOf({ conduct }: Extract<Trouble, { kind: 'bad_sessions' }>): SessionConduct {
  return conduct.replaceAll('_', '-') as SessionConduct;
}

export interface ActivityOptions {
  readonly entry: ScriptEnvironment;
  /** Those that concern it. */
  readonly troubles: readonly Trouble[];
  readonly queue: WorkQueue;
  readonly events: EventQueue;
  /** Of the workers. */
  readonly random: Random;
  /** Of what arrives, whose times do not depend on who takes it. */
  readonly seed: number;
  /** Second 0 of the scenario. */
  readonly origin: EpochMs;
}

/** Everything that happens by itself in one environment: what arrives when, and who works when. */
export class EnvironmentActivity implements WorkerSite {
  readonly queue: WorkQueue;
  readonly events: EventQueue;
  readonly random: Random;
  readonly #options: ActivityOptions;
  readonly #agenda: Agenda;
  #draining = false;
  #workers: VirtualWorker[] = [];
  #fleets: readonly WorkerFleet[] = [];
  #arrived = 0;

  constructor(options: ActivityOptions) {
    this.#options = options;
    this.queue = options.queue;
    this.events = options.events;
    this.random = options.random;
    this.#agenda = new Agenda(this.events, options.origin);
  }

  start(): void {
    const { entry, troubles, seed } = this.#options;
    this.queue.tellOfWork((now) => this.#wake(now));
    const arrivals = arrivalsOf(entry, troubles);
    for (const one of arrivals) if (one.perMinute === undefined) this.#planBatches(one);
    for (const [number, flow] of arrivals.filter((one) => one.perMinute !== undefined).entries()) {
      this.#planFlow(flow, randomStream(seed, `arrivals ${entry.id}${number === 0 ? '' : ` ${number}`}`));
    }
    this.#staff(this.#agenda.second);
    const changes = [...entry.workers, ...troubles, ...troubles.flatMap((one) => awayIn(one) ?? [])];
    this.#agenda.each(changes, (second) => this.#staff(second));
  }

  /** No new work from now on; the workers continue with what is there. */
  drain(): void {
    this.#draining = true;
  }

  /** Ends it: the workers stop what they serve and leave. */
  end(): void {
    this.#agenda.close();
    this.queue.tellOfWork(() => {});
    for (const worker of this.#workers) worker.leave(this.events.now);
  }

  /** A worker is gone for good; its successor in its fleet is due then. */
  died(worker: VirtualWorker, due: EpochMs): void {
    this.#workers = this.#workers.filter((other) => other !== worker);
    if (worker.fleet.onDemand !== undefined) return;
    this.#agenda.at(due, (now) => {
      if (this.#fleets.includes(worker.fleet)) this.#addWorker(now, worker.fleet);
    });
  }

  left(worker: VirtualWorker): void {
    this.#workers = this.#workers.filter((other) => other !== worker);
  }

  /** A worker has acknowledged an item: perhaps somebody will ask it to stop. */
  acknowledged(now: EpochMs, work: WorkRecord, runMs: number): void {
    if (this.random() >= this.#options.entry.stop_share) return;
    const { acknowledgedAt } = work;
    this.#agenda.at(now + runMs * (0.2 + 0.6 * this.random()), (at) => {
      // Only this very run, and only if nobody has taken the item away meanwhile.
      if (work.acknowledgedAt !== acknowledgedAt || work.state === 'queued') return;
      attempt(() => this.queue.stop(at, work.id, false));
    });
  }

  /** A worker has stopped an item: perhaps its session gets new work. */
  ended(now: EpochMs, work: WorkRecord): void {
    const { wake } = this.#options.entry;
    if (wake === undefined || work.type !== 'session' || this.random() >= wake.share) return;
    this.#agenda.at(now + between(wake.after, this.random), (at) => {
      if (!this.#draining) this.queue.requeue(at, work);
    });
  }

  /** So many items each time that it begins. */
  #planBatches({ when, within = when, items, work }: Arrival): void {
    const { second } = this.#agenda;
    const come = (at: number) => {
      if (phaseOf(within, at).isActive) this.#add(items, work);
    };
    if (when.from === -Infinity) this.#agenda.atSecond(second, () => come(second));
    this.#agenda.each([when], come, second - JUST_BEFORE);
  }

  /** A Poisson process whose rate changes at most once a minute, minute by minute. */
  #planFlow(flow: Arrival, random: Random, from: number = this.#agenda.second): void {
    const { when, perMinute = 0, items, work } = flow;
    const { isActive, next } = phaseOf(when, from);
    const until = isActive ? Math.min(next, from + 60) : next;
    const more = this.#options.troubles.filter((one) => one.kind === 'more_work' && phaseOf(one, from).isActive);
    const times = work.type === 'healthcheck' ? [] : more.map((one) => (one.kind === 'more_work' ? one.times : 1));
    const rate = isActive ? times.reduce((product, one) => product * one, perMinute) : 0;
    const pause = () => (rate > 0 ? (-Math.log(1 - random()) * 60) / rate : Infinity);
    for (let at = from + pause(); at < until; at += pause()) {
      this.#agenda.atSecond(at, () => this.#add(items, work));
    }
    if (until < Infinity) this.#agenda.atSecond(until, () => this.#planFlow(flow, random, until));
  }

  #add(items: number, work: NewWork): void {
    for (let i = 0; i < items && !this.#draining; i++) {
      const metadata = work.type === 'healthcheck' ? {} : { team: TEAMS[this.#arrived++ % TEAMS.length]! };
      this.queue.create(this.events.now, { ...work, metadata });
    }
  }

  /** Makes the workers what they are from this second on, until the next change. */
  #staff(second: number): void {
    const { troubles } = this.#options;
    const fleets = this.#fleetsAt(second);
    const ends = (one: Trouble) => phaseOf(one, second - JUST_BEFORE).isActive && !phaseOf(one, second).isActive;
    const begins = (one: Trouble) => phaseOf(one, second).began > second - JUST_BEFORE;
    const isRestart = troubles.some((one) => HANGING.has(one.kind) && ends(one));
    if (isRestart) {
      this.#replace([], 'killed');
      const restarted = second + REPLACED_AFTER_SECONDS;
      this.#agenda.atSecond(restarted, () => this.#replace(this.#fleetsAt(restarted), 'kept'));
    } else if (JSON.stringify(fleets) !== JSON.stringify(this.#fleets)) {
      const isDeath = troubles.some((one) => one.kind === 'workers_die' && begins(one));
      this.#replace(fleets, isDeath ? 'killed' : 'kept');
    }
    // What waited while nobody could be started is not forgotten: a webhook is sent again, an autoscaler looks again.
    if (this.queue.waiting > 0) this.#wake(this.events.now);
  }

  /** Work has come: one more worker of each fleet that is there on demand, up to its number. */
  #wake(now: EpochMs): void {
    if (this.#isWakeLost()) return;
    for (const fleet of this.#fleets) {
      const present = this.#workers.filter((one) => one.fleet === fleet).length;
      if (fleet.onDemand === undefined || present >= fleet.workers) continue;
      this.#addWorker(now + between(fleet.onDemand.after, this.random), fleet);
    }
  }

  #isWakeLost(): boolean {
    const { second } = this.#agenda;
    const shares = this.#options.troubles.flatMap((one) =>
      one.kind === 'wakes_lost' && phaseOf(one, second).isActive ? [one.share] : [],
    );
    return shares.some((share) => this.random() < share);
  }

  /** Who works at this second, and how. */
  #fleetsAt(second: number): readonly WorkerFleet[] {
    const { entry, troubles } = this.#options;
    const { workers, run: usualRun, boot: usualBoot, finishes_tool: finishesTool } = entry;
    const healthy = workers
      .filter((fleet) => phaseOf(fleet, second).isActive)
      .map(
        ({ count, run = usualRun, boot = usualBoot, on_demand: onDemand }): WorkerFleet => ({
          workers: count,
          ...{ run, boot, finishesTool, onDemand },
        }),
      );
    return troubles
      .filter((one) => phaseOf(one, second).isActive)
      .reduce<readonly WorkerFleet[]>((fleets, trouble) => changed(fleets, trouble, second), healthy)
      .filter(({ workers }) => workers > 0);
  }

  /** @param before what becomes of the workers that are there: they go on as the new fleets do, or die on the spot */
  #replace(fleets: readonly WorkerFleet[], before: 'kept' | 'killed'): void {
    const present = this.#workers;
    this.#workers = [];
    this.#fleets = fleets;
    for (const fleet of fleets) {
      const kept = before === 'kept' ? present.splice(0, fleet.workers) : [];
      for (const worker of kept) worker.fleet = fleet;
      this.#workers.push(...kept);
      if (fleet.onDemand !== undefined) continue;
      for (let i = kept.length; i < fleet.workers; i++) {
        this.#addWorker(this.events.now + between(START, this.random), fleet);
      }
    }
    for (const worker of present) {
      if (before === 'killed') worker.kill();
      else worker.leave(this.events.now);
    }
  }

  #addWorker(at: EpochMs, fleet: WorkerFleet): void {
    const worker = new VirtualWorker(`sim-worker-${Math.floor(this.random() * 2 ** 32).toString(36)}`, fleet, this);
    this.#workers.push(worker);
    worker.start(at);
  }
}

/** Items that arrive together: at a rate, or each time that it begins. */
interface Arrival {
  readonly when: When;
  readonly within?: When;
  readonly perMinute?: number;
  readonly items: number;
  readonly work: NewWork;
}

function arrivalsOf(
  { arrivals, healthchecks_per_hour }: EnvironmentEntry,
  troubles: readonly Trouble[],
): readonly Arrival[] {
  const usual = arrivals.map((part): Arrival => {
    const { run } = part;
    if ('at' in part) {
      return { when: { from: part.at, repeats: part.repeats }, items: part.items, work: { type: part.kind, run } };
    }
    return { when: part, perMinute: part.per_minute / part.together, items: part.together, work: { run } };
  });
  const checks = { when: {}, perMinute: healthchecks_per_hour / 60, items: 1, work: { type: 'healthcheck' } } as const;
  const ofTroubles = troubles.flatMap((trouble): readonly Arrival[] => {
    switch (trouble.kind) {
      case 'blocked_head':
        return [{ when: trouble, items: 1, work: { claimable: false } }];
      case 'bad_sessions':
        return [{ when: trouble, items: trouble.sessions, work: { conduct: conductOf(trouble) } }];
      case 'burst': {
        const { every, from, items, run } = trouble;
        const when = every === undefined ? trouble : { from, repeats: Math.max(1, every) };
        return [{ when, within: trouble, items, work: { run } }];
      }
      default:
        return [];
    }
  });
  return [...usual, ...ofTroubles, checks];
}

/** When a trouble takes workers away; null: never. */
function awayIn(trouble: Trouble): When | null {
  switch (trouble.kind) {
    case 'workers_leave':
      return trouble;
    case 'workers_die': {
      const { from, to = Infinity, restart } = trouble;
      return restart === undefined ? trouble : { ...trouble, to: Math.min(from + restart[0], to) };
    }
    case 'workers_roll': {
      const { from, every, away } = trouble;
      return { from, to: from + away, repeats: Math.max(1, every) };
    }
    default:
      return null;
  }
}

/** How workers are in a trouble that they are there for. */
function changeBy(trouble: Trouble): Partial<WorkerFleet> {
  switch (trouble.kind) {
    case 'workers_die':
      return { restart: trouble.restart, ...(trouble.lives && { lives: trouble.lives }) };
    case 'runs_take':
      return { run: trouble.run };
    case 'heartbeats_late':
      return { hungHeartbeat: trouble };
    case 'workers_hang':
    case 'boots_hang':
    case 'boots_fail':
    case 'claims_lost':
    case 'runs_die':
    case 'items_stay_stopping':
      return { misbehaviour: trouble, ...('restart' in trouble && { restart: trouble.restart }) };
    default:
      return {};
  }
}

function changed(fleets: readonly WorkerFleet[], trouble: Trouble, second: number): readonly WorkerFleet[] {
  const away = awayIn(trouble);
  if (away === null || !phaseOf(away, second).isActive) return fleets.map((one) => ({ ...one, ...changeBy(trouble) }));
  const total = fleets.reduce((sum, { workers }) => sum + workers, 0);
  return atMost(fleets, 'left' in trouble ? trouble.left : total - 1);
}

function atMost(fleets: readonly WorkerFleet[], most: number): readonly WorkerFleet[] {
  let left = most;
  return fleets.map((fleet) => {
    const workers = Math.min(fleet.workers, left);
    left -= workers;
    return { ...fleet, workers };
  });
}
