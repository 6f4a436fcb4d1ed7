import type { EpochMs } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { Agenda, type EventQueue } from './event-queue.ts';
import { fleetsAt, fleetsChangeAfter } from './fleets.ts';
import { between, randomStream } from './identity.ts';
import { attempt } from './rejection.ts';
import type { Trouble } from './scenario-schema.ts';
import type { Plan } from './script.ts';
import { edgeAfter, isActive, since, type When } from './timing.ts';
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
    const { queue, events, random } = options;
    this.queue = queue;
    this.events = events;
    this.random = random;
    this.#agenda = new Agenda(events);
    this.#replacements = new Agenda(events);
  }

  start(): void {
    const { entry, troubles, origin } = this.#options;
    const second = (this.events.now - origin) / 1000;
    for (const { items, work, ...when } of [...entry.arrivals, ...troubles].flatMap(batchOf)) {
      this.#every(when, second, () => this.#add(items, work));
    }
    this.#planFlows(second);
    this.#staff(second);
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

  /** What arrives by a rate, and health checks. */
  #planFlows(second: number): void {
    const { entry, troubles, seed, id } = this.#options;
    const more = troubles.filter((trouble) => trouble.kind === 'more_work');
    const flows = entry.arrivals.flatMap((part) => {
      if ('at' in part) return [];
      const { per_minute: rate, together, run, ...when } = part;
      return [{ rate: rate / together, more, when, add: () => this.#add(together, { run }) }];
    });
    const checks = entry.healthchecks_per_hour / 60;
    const all = [...flows, { rate: checks, more: [], when: {}, add: () => this.#add(1, { type: 'healthcheck' }) }];
    for (const [number, { rate, more, when, add }] of all.entries()) {
      const random = randomStream(seed, `arrivals ${id}${number === 0 ? '' : ` ${number}`}`);
      const rateAt = (at: number) => more.reduce((sum, one) => (isActive(one, at) ? sum * one.times : sum), rate);
      this.#flow(Math.max(when.from ?? second, second), { when, rateAt, random, add });
    }
  }

  /** A Poisson process whose rate changes at most once a minute, minute by minute. */
  #flow(from: number, flow: Flow): void {
    const { when, rateAt, random, add } = flow;
    if (!isActive(when, from)) {
      const next = edgeAfter(when, from);
      if (Number.isFinite(next)) this.#at(next, () => this.#flow(next, flow));
      return;
    }
    const end = Math.min(from + 60, edgeAfter(when, from));
    const perMinute = rateAt(from);
    const pause = () => (perMinute <= 0 ? Infinity : (-Math.log(1 - random()) * 60) / perMinute);
    for (let at = from + pause(); at < end; at += pause()) this.#at(at, add);
    this.#at(end, () => this.#flow(end, flow));
  }

  /** Once, or again and again while it lasts; what began before everything happens at once. */
  #every({ from = -Infinity, to = Infinity, repeats }: When, second: number, run: () => void): void {
    const missed = repeats === undefined ? 0 : Math.max(0, Math.ceil((second - Math.max(from, 0)) / repeats)) * repeats;
    const first = from === -Infinity ? second : from + missed;
    if (first < second || first >= to) return;
    this.#at(first, () => {
      run();
      if (repeats !== undefined) this.#every({ from: first + repeats, to, repeats }, first, run);
    });
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
      this.#at(restarted, () => this.#replace(fleetsAt(entry, troubles, restarted), 'kept'));
    } else if (JSON.stringify(fleets) !== JSON.stringify(this.#fleets)) {
      const isDeath = troubles.some((trouble) => trouble.kind === 'workers_die' && since(trouble, second) === 0);
      this.#replace(fleets, isDeath ? 'killed' : 'kept');
    }
    const next = fleetsChangeAfter(entry, troubles, second);
    if (Number.isFinite(next)) this.#at(next, () => this.#staff(next));
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

  #at(second: number, run: () => void): void {
    this.#agenda.at(this.#options.origin + second * 1000, run);
  }
}

interface Flow {
  readonly when: When;
  readonly rateAt: (at: number) => number;
  readonly random: Random;
  readonly add: () => void;
}

/** What arrives at certain moments, if this is such a thing. */
function batchOf(
  part: Plan['entry']['arrivals'][number] | Trouble,
): readonly (When & { readonly items: number; readonly work: NewWork })[] {
  if ('at' in part) {
    const { at, repeats, items, kind, run } = part;
    return [{ from: at, repeats, items, work: { type: kind, run } }];
  }
  if (!('kind' in part)) return [];
  const { from, to } = part;
  switch (part.kind) {
    case 'blocked_head':
      return [{ from, to, repeats: part.repeats, items: 1, work: { claimable: false } }];
    case 'bad_sessions':
      return [{ from, to, repeats: part.repeats, items: part.sessions, work: { conduct: conductOf(part) } }];
    case 'burst': {
      const { every, repeats, items, run } = part;
      // Without `every` each round has one burst, however long the trouble lasts.
      return [{ from, items, work: { run }, ...(every ? { to, repeats: Math.max(1, every) } : { repeats }) }];
    }
    default:
      return [];
  }
}
