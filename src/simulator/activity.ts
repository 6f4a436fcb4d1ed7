import type { EpochMs } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { Agenda, type EventQueue, edgeAfter, isActive, since, type When } from './agenda.ts';
import { attempt } from './faults.ts';
import { between, randomStream } from './identity.ts';
import type { EnvironmentEntry, Trouble } from './scenario-schema.ts';
import type { Plan } from './script.ts';
import type { NewWork, SessionConduct, WorkRecord } from './work.ts';
import type { WorkQueue } from './work-queue.ts';
import { VirtualWorker, type WorkerFleet, type WorkerSite } from './worker.ts';

const TEAMS = ['search', 'billing', 'docs'] as const;
/** Workers do not start at the same instant. */
const START = [0, 3] as const;
/** Whose workers would stay as they are for minutes, so that whoever mends it restarts them. */
const HANGING: ReadonlySet<Trouble['kind']> = new Set(['workers_hang', 'boots_hang']);
const REPLACED_AFTER_SECONDS = 0.5;
/** What begins at this very second begins. */
const JUST_BEFORE = 1e-6;

/** What the simulator calls what sessions do. */
export function conductOf({ conduct }: Extract<Trouble, { kind: 'bad_sessions' }>): SessionConduct {
  return conduct.replaceAll('_', '-') as SessionConduct;
}

export interface ActivityOptions extends Plan {
  readonly id: string;
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
  /** Who replaces a dead worker of the present fleets. */
  #replacements: Agenda;
  #draining = false;
  #workers: VirtualWorker[] = [];
  #fleets: readonly WorkerFleet[] = [];
  #arrived = 0;
  /** The second of the last change of workers. */
  #changed = -Infinity;

  constructor(options: ActivityOptions) {
    this.#options = options;
    this.queue = options.queue;
    this.events = options.events;
    this.random = options.random;
    this.#agenda = new Agenda(this.events, options.origin);
    this.#replacements = new Agenda(this.events);
  }

  start(): void {
    const { entry, troubles } = this.#options;
    for (const batch of [...entry.arrivals, ...troubles].flatMap(batchOf)) this.#planBatch(batch);
    this.#planFlows();
    this.#staff(this.#agenda.second);
    this.#agenda.each(
      (after) => fleetsChangeAfter(entry, troubles, after),
      (second) => this.#staff(second),
    );
  }

  /** No new work from now on; the workers continue with what is there. */
  drain(): void {
    this.#draining = true;
  }

  /** Ends it: the workers stop what they serve and leave. */
  end(): void {
    this.#agenda.close();
    this.#replacements.close();
    for (const worker of this.#workers) worker.leave(this.events.now);
  }

  /** A worker is gone for good; its successor in its fleet is due then. */
  died(worker: VirtualWorker, due: EpochMs): void {
    this.#workers = this.#workers.filter((other) => other !== worker);
    this.#replacements.at(due, (now) => this.#addWorker(now, worker.fleet));
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

  #planBatch({ begins, within = begins, items, work }: Batch): void {
    const { second } = this.#agenda;
    const come = (at: number) => {
      if (isActive(within, at)) this.#add(items, work);
    };
    if (begins.from === -Infinity) this.#agenda.atSecond(second, () => come(second));
    this.#agenda.each((after) => edgeAfter(begins, after), come, second - JUST_BEFORE);
  }

  /** What arrives by a rate, and health checks. */
  #planFlows(): void {
    const { entry, troubles, seed, id } = this.#options;
    const more = troubles.filter((trouble) => trouble.kind === 'more_work');
    const flows = entry.arrivals.flatMap((part) => {
      if ('at' in part) return [];
      const { per_minute, together, run } = part;
      const timesMore = (at: number) => more.reduce((times, one) => (isActive(one, at) ? times * one.times : times), 1);
      const rateAt = (at: number) => (per_minute / together) * timesMore(at);
      return [{ when: part, rateAt, add: () => this.#add(together, { run }) }];
    });
    const check = () => this.#add(1, { type: 'healthcheck' });
    const checks = { when: {}, rateAt: () => entry.healthchecks_per_hour / 60, add: check };
    for (const [number, flow] of [...flows, checks].entries()) {
      this.#planFlow(flow, randomStream(seed, `arrivals ${id}${number === 0 ? '' : ` ${number}`}`));
    }
  }

  /** A Poisson process whose rate changes at most once a minute, minute by minute. */
  #planFlow({ when, rateAt, add }: Flow, random: Random): void {
    const next = (after: number) => Math.min(isActive(when, after) ? after + 60 : Infinity, edgeAfter(when, after));
    const planFrom = (from: number) => {
      const perMinute = isActive(when, from) ? rateAt(from) : 0;
      if (perMinute <= 0) return;
      const pause = () => (-Math.log(1 - random()) * 60) / perMinute;
      for (let at = from + pause(); at < next(from); at += pause()) this.#agenda.atSecond(at, add);
    };
    planFrom(this.#agenda.second);
    this.#agenda.each(next, planFrom);
  }

  #add(items: number, work: NewWork): void {
    for (let i = 0; i < items && !this.#draining; i++) {
      const metadata = work.type === 'healthcheck' ? {} : { team: TEAMS[this.#arrived++ % TEAMS.length]! };
      this.queue.create(this.events.now, { ...work, metadata });
    }
  }

  /** Makes the workers what they are from this second on, until the next change. */
  #staff(second: number): void {
    const { entry, troubles } = this.#options;
    const fleets = fleetsAt(entry, troubles, second);
    const isRestart = troubles.some(
      (one) => HANGING.has(one.kind) && isActive(one, this.#changed) && !isActive(one, second),
    );
    this.#changed = second;
    if (isRestart) {
      this.#replace([], 'killed');
      const restarted = second + REPLACED_AFTER_SECONDS;
      this.#agenda.atSecond(restarted, () => this.#replace(fleetsAt(entry, troubles, restarted), 'kept'));
    } else if (JSON.stringify(fleets) !== JSON.stringify(this.#fleets)) {
      const isDeath = troubles.some((trouble) => trouble.kind === 'workers_die' && since(trouble, second) === 0);
      this.#replace(fleets, isDeath ? 'killed' : 'kept');
    }
  }

  /** @param before what becomes of the workers that are there: they go on as the new fleets do, or die on the spot */
  #replace(fleets: readonly WorkerFleet[], before: 'kept' | 'killed'): void {
    const present = this.#workers;
    this.#workers = [];
    this.#fleets = fleets;
    this.#replacements.close();
    this.#replacements = new Agenda(this.events);
    for (const fleet of fleets) {
      const kept = before === 'kept' ? present.splice(0, fleet.workers) : [];
      for (const worker of kept) worker.fleet = fleet;
      this.#workers.push(...kept);
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

interface Flow {
  readonly when: When;
  readonly rateAt: (second: number) => number;
  readonly add: () => void;
}

/** What arrives at once, each time that it begins. */
interface Batch {
  readonly begins: When;
  /** Only while this lasts. */
  readonly within?: When;
  readonly items: number;
  readonly work: NewWork;
}

function batchOf(part: EnvironmentEntry['arrivals'][number] | Trouble): readonly Batch[] {
  if ('at' in part) {
    const { at, repeats, items, kind, run } = part;
    return [{ begins: { from: at, repeats }, items, work: { type: kind, run } }];
  }
  if (!('kind' in part)) return [];
  switch (part.kind) {
    case 'blocked_head':
      return [{ begins: part, items: 1, work: { claimable: false } }];
    case 'bad_sessions':
      return [{ begins: part, items: part.sessions, work: { conduct: conductOf(part) } }];
    case 'burst': {
      const { every, from, items, run } = part;
      const begins = every === undefined ? part : { from, repeats: Math.max(1, every) };
      return [{ begins, within: part, items, work: { run } }];
    }
    default:
      return [];
  }
}

/** Who works in an environment at this second, and how. */
function fleetsAt(entry: EnvironmentEntry, troubles: readonly Trouble[], at: number): readonly WorkerFleet[] {
  const healthy = entry.workers
    .filter((fleet) => isActive(fleet, at))
    .map(({ count, run = entry.run, boot = entry.boot }): WorkerFleet => {
      return { workers: count, run, boot, finishesTool: entry.finishes_tool };
    });
  return troubles
    .filter((trouble) => isActive(trouble, at))
    .reduce<readonly WorkerFleet[]>((fleets, trouble) => affected(fleets, trouble, since(trouble, at)), healthy)
    .filter(({ workers }) => workers > 0);
}

/** When they may be others. */
function fleetsChangeAfter(entry: EnvironmentEntry, troubles: readonly Trouble[], at: number): number {
  const edges = [...entry.workers.map((fleet) => edgeAfter(fleet, at)), ...troubles.map((one) => troubleEdge(one, at))];
  return Math.min(...edges);
}

function troubleEdge(trouble: Trouble, at: number): number {
  if (trouble.kind === 'workers_die' && trouble.restart !== undefined) {
    return edgeAfter(trouble, at, [trouble.restart[0]]);
  }
  if (trouble.kind !== 'workers_roll' || !isActive(trouble, at)) return edgeAfter(trouble, at);
  const { every, away } = trouble;
  const from = at - since(trouble, at);
  return Math.min(edgeAfter(trouble, at), edgeAfter({ from, to: from + away, repeats: Math.max(1, every) }, at));
}

/** @param seconds since the trouble last began */
function affected(fleets: readonly WorkerFleet[], trouble: Trouble, seconds: number): readonly WorkerFleet[] {
  const all = (change: Partial<WorkerFleet>) => fleets.map((fleet) => ({ ...fleet, ...change }));
  switch (trouble.kind) {
    case 'workers_leave':
      return atMost(fleets, trouble.left);
    case 'workers_die': {
      const { restart, lives, left } = trouble;
      if (restart === undefined || seconds < restart[0]) return atMost(fleets, left);
      return all({ restart, ...(lives && { lives }) });
    }
    case 'workers_roll': {
      const total = fleets.reduce((sum, { workers }) => sum + workers, 0);
      return seconds % trouble.every < trouble.away ? atMost(fleets, total - 1) : fleets;
    }
    case 'runs_take':
      return all({ run: trouble.run });
    case 'heartbeats_late':
      return all({ hungHeartbeat: trouble });
    case 'workers_hang':
    case 'boots_hang':
    case 'boots_fail':
    case 'claims_lost':
    case 'runs_die':
    case 'items_stay_stopping':
      return all({ misbehaviour: trouble, ...('restart' in trouble && { restart: trouble.restart }) });
    default:
      return fleets;
  }
}

function atMost(fleets: readonly WorkerFleet[], most: number): readonly WorkerFleet[] {
  let left = most;
  return fleets.map((fleet) => {
    const workers = Math.min(fleet.workers, left);
    left -= workers;
    return { ...fleet, workers };
  });
}
