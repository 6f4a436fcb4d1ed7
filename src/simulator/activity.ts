import type { EpochMs } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { fleetsAt, fleetsChangeAfter } from './fleets.ts';
import { randomStream } from './identity.ts';
import { attempt } from './rejection.ts';
import type { EnvironmentEntry, Trouble } from './scenario-schema.ts';
import { edgeAfter, isActive, since, type When } from './timing.ts';
import type { NewWork, SessionConduct, WorkRecord } from './work.ts';
import type { WorkQueue } from './work-queue.ts';
import { type ActivityContext, between, VirtualWorker, type WorkerFleet } from './worker.ts';

/** How the simulator calls what sessions do. */
export const CONDUCTS = {
  kills_worker: 'kills-worker',
  wedges: 'wedges',
  awaits_approval: 'awaits-approval',
  terminates: 'terminates',
} as const satisfies Record<string, SessionConduct>;

const TEAMS = ['search', 'billing', 'docs'] as const;
/** Workers do not start at the same instant. */
const START_SECONDS = [0, 3] as const;
/** Whose workers would stay as they are for minutes, so that whoever mends it restarts them. */
const HANGING: ReadonlySet<Trouble['kind']> = new Set(['workers_hang', 'boots_hang']);
const REPLACED_AFTER_MS = 500;

export interface ActivityOptions {
  readonly queue: WorkQueue;
  readonly entry: EnvironmentEntry;
  /** Those that concern this environment. */
  readonly troubles: readonly Trouble[];
  readonly schedule: (at: EpochMs, run: (at: EpochMs) => void) => void;
  readonly random: Random;
  /** Of what arrives, whose times do not depend on who takes it. */
  readonly seed: number;
  readonly id: string;
  /** Second 0 of the scenario. */
  readonly origin: EpochMs;
}

/** Everything that happens by itself in one environment: what arrives when, and who works when. */
export class EnvironmentActivity {
  readonly #options: ActivityOptions;
  readonly #context: ActivityContext;
  #over = false;
  #draining = false;
  #workers: VirtualWorker[] = [];
  #fleets: readonly WorkerFleet[] = [];
  #fleetNumber = 0;
  #arrived = 0;
  #now: EpochMs = 0;
  /** The second of the last change of workers. */
  #changed = -Infinity;

  constructor(options: ActivityOptions) {
    const { queue, random } = options;
    this.#options = options;
    this.#context = {
      queue,
      random,
      schedule: (at, run) => this.#at(at, run),
      acknowledged: (at, work, runMs) => this.#maybeAskToStop(at, work, runMs),
      ended: (at, work) => this.#maybeWake(at, work),
    };
  }

  start(now: EpochMs): void {
    this.#now = now;
    const second = (now - this.#options.origin) / 1000;
    this.#planItems(second);
    this.#planArrivals(second);
    this.#change(second);
  }

  /** No new work from now on; the workers continue with what is there. */
  drain(): void {
    this.#draining = true;
  }

  /** Ends it: the workers stop what they serve and leave. */
  end(now: EpochMs): void {
    this.#over = true;
    for (const worker of this.#workers) worker.leave(now);
    this.#workers = [];
  }

  /** What arrives at certain moments. */
  #planItems(second: number): void {
    const { entry, troubles } = this.#options;
    for (const part of entry.arrivals) {
      if (!('at' in part)) continue;
      const { at, repeats, items, kind, run } = part;
      this.#every({ from: at, repeats }, second, () => this.#add(items, { type: kind, runSeconds: run ?? null }));
    }
    for (const trouble of troubles) {
      switch (trouble.kind) {
        case 'blocked_head':
          this.#every(trouble, second, () => this.#add(1, { claimable: false }));
          break;
        case 'bad_sessions':
          this.#every(trouble, second, () => this.#add(trouble.sessions, { conduct: CONDUCTS[trouble.conduct] }));
          break;
        case 'burst': {
          const { every, from, to, repeats, items, run } = trouble;
          const when = every ? { from, to, repeats: Math.max(1, every) } : { from, repeats };
          this.#every(when, second, () => this.#add(items, { runSeconds: run ?? null }));
          break;
        }
        default:
      }
    }
  }

  /** What arrives by a rate, and health checks. */
  #planArrivals(second: number): void {
    const { entry, troubles, seed, id } = this.#options;
    const more = troubles.filter((trouble) => trouble.kind === 'more_work');
    const flows = entry.arrivals.flatMap((part) => {
      if ('at' in part) return [];
      const { per_minute: rate, together, run, ...when } = part;
      return [{ rate: rate / together, more, when, add: () => this.#add(together, { runSeconds: run ?? null }) }];
    });
    const checks = entry.healthchecks_per_hour / 60;
    const all = [...flows, { rate: checks, more: [], when: {}, add: () => this.#add(1, { type: 'healthcheck' }) }];
    for (const [number, { rate, more, when, add }] of all.entries()) {
      const random = randomStream(seed, `arrivals ${id}${number === 0 ? '' : ` ${number}`}`);
      const rateAt = (at: number) => more.reduce((sum, one) => (isActive(one, at) ? sum * one.times : sum), rate);
      this.#minute(Math.max(when.from ?? second, second), { when, rateAt, random, add });
    }
  }

  /** A Poisson process whose rate changes at most once a minute, minute by minute. */
  #minute(
    from: number,
    flow: {
      readonly when: When;
      readonly rateAt: (at: number) => number;
      readonly random: Random;
      readonly add: () => void;
    },
  ): void {
    if (!isActive(flow.when, from)) {
      const next = edgeAfter(flow.when, from);
      if (Number.isFinite(next)) this.#later(next, () => this.#minute(next, flow));
      return;
    }
    const end = Math.min(from + 60, edgeAfter(flow.when, from));
    const pause = () => {
      const perMinute = flow.rateAt(from);
      return perMinute <= 0 ? Number.POSITIVE_INFINITY : (-Math.log(1 - flow.random()) * 60) / perMinute;
    };
    for (let at = from + pause(); at < end; at += pause()) this.#later(at, flow.add);
    this.#later(end, () => this.#minute(end, flow));
  }

  /** Once, or again and again while it lasts; what began before everything happens at once. */
  #every({ from = -Infinity, to = Infinity, repeats }: When, second: number, run: () => void): void {
    const missed = repeats === undefined ? 0 : Math.max(0, Math.ceil((second - Math.max(from, 0)) / repeats)) * repeats;
    const first = from === -Infinity ? second : from + missed;
    if (first < second || first >= to) return;
    this.#later(first, () => {
      run();
      if (repeats !== undefined) this.#every({ from: first + repeats, to, repeats }, first, run);
    });
  }

  #add(count: number, work: NewWork): void {
    const { queue } = this.#options;
    for (let i = 0; i < count && !this.#draining; i++) {
      const metadata = work.type === 'healthcheck' ? {} : { team: TEAMS[this.#arrived++ % TEAMS.length]! };
      queue.create(this.#now, { ...work, metadata });
    }
  }

  /** Makes the workers what they are from this second on, until the next change. */
  #change(second: number): void {
    const { entry, troubles } = this.#options;
    const fleets = fleetsAt(entry, troubles, second);
    const isRestart = troubles.some(
      (one) => HANGING.has(one.kind) && isActive(one, this.#changed) && !isActive(one, second),
    );
    this.#changed = second;
    if (isRestart) {
      this.#replace([], 'killed');
      this.#later(second + REPLACED_AFTER_MS / 1000, () => this.#replace(fleetsAt(entry, troubles, second), 'kept'));
    } else if (JSON.stringify(fleets) !== JSON.stringify(this.#fleets)) {
      const isDeath = troubles.some((trouble) => trouble.kind === 'workers_die' && since(trouble, second) === 0);
      this.#replace(fleets, isDeath ? 'killed' : 'kept');
    }
    const next = fleetsChangeAfter(entry, troubles, second);
    if (Number.isFinite(next)) this.#later(next, () => this.#change(next));
  }

  /** @param before what becomes of the workers that are there: they go on as the new fleets do, or die on the spot */
  #replace(fleets: readonly WorkerFleet[], before: 'kept' | 'killed'): void {
    const now = this.#now;
    const present = this.#workers;
    this.#workers = [];
    this.#fleets = fleets;
    this.#fleetNumber++;
    for (const fleet of fleets) {
      const kept = before === 'kept' ? present.splice(0, fleet.workers) : [];
      for (const worker of kept) worker.join(fleet, this.#fleetNumber);
      this.#workers.push(...kept);
      for (let i = kept.length; i < fleet.workers; i++) {
        this.#addWorker(now + between(START_SECONDS, this.#options.random), fleet);
      }
    }
    for (const worker of present) {
      if (before === 'killed') worker.kill();
      else worker.leave(now);
    }
  }

  #addWorker(at: EpochMs, fleet: WorkerFleet): void {
    const worker = new VirtualWorker({
      id: `sim-worker-${Math.floor(this.#options.random() * 2 ** 32).toString(36)}`,
      fleet,
      fleetNumber: this.#fleetNumber,
      context: this.#context,
      died: (due, ofFleet, fleetNumber) => {
        this.#workers = this.#workers.filter((other) => other !== worker);
        this.#at(due, (now) => {
          if (fleetNumber === this.#fleetNumber) this.#addWorker(now, ofFleet);
        });
      },
    });
    this.#workers.push(worker);
    worker.start(at);
  }

  #maybeAskToStop(now: EpochMs, work: WorkRecord, runMs: number): void {
    const { entry, random, queue } = this.#options;
    if (random() >= entry.stop_share) return;
    const { acknowledgedAt } = work;
    this.#at(now + runMs * (0.2 + 0.6 * random()), (at) => {
      // Only this very run, and only if nobody has taken the item away meanwhile.
      if (work.acknowledgedAt !== acknowledgedAt || work.state === 'queued') return;
      attempt(() => queue.stop(at, work.id, false));
    });
  }

  #maybeWake(now: EpochMs, work: WorkRecord): void {
    const { entry, random, queue } = this.#options;
    const { wake } = entry;
    if (wake === undefined || work.type !== 'session' || random() >= wake.share) return;
    this.#at(now + between(wake.after, random), (at) => {
      if (!this.#draining) queue.requeue(at, work);
    });
  }

  #later(second: number, run: () => void): void {
    this.#at(this.#options.origin + second * 1000, run);
  }

  #at(at: EpochMs, run: (at: EpochMs) => void): void {
    this.#options.schedule(at, (now) => {
      if (this.#over) return;
      this.#now = now;
      run(now);
    });
  }
}
