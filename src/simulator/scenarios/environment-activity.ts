import type { EpochMs } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { Rejection } from '../queue/rejection.ts';
import type { WorkQueue } from '../queue/work-queue.ts';
import type { WorkRecord } from '../queue/work-record.ts';
import { type ActivityContext, between } from './activity-context.ts';
import { ArrivalFlow } from './arrival-flow.ts';
import type { EnvironmentPlan, Phase, WorkerFleet } from './scenario.ts';
import { VirtualWorker } from './virtual-worker.ts';

export interface EnvironmentActivityOptions {
  readonly queue: WorkQueue;
  readonly plan: EnvironmentPlan;
  readonly random: Random;
  readonly schedule: (at: EpochMs, run: (at: EpochMs) => void) => void;
}

/** Everything that happens by itself in one environment during a scenario: arrivals, fleets, phases. */
export class EnvironmentActivity {
  readonly #queue: WorkQueue;
  readonly #plan: EnvironmentPlan;
  readonly #random: Random;
  readonly #schedule: (at: EpochMs, run: (at: EpochMs) => void) => void;
  readonly #context: ActivityContext;
  readonly #arrivals: ArrivalFlow;
  #over = false;
  #draining = false;
  #workers: VirtualWorker[] = [];
  #fleetNumber = 0;

  constructor(options: EnvironmentActivityOptions) {
    this.#queue = options.queue;
    this.#plan = options.plan;
    this.#random = options.random;
    this.#schedule = options.schedule;
    this.#context = {
      queue: options.queue,
      random: options.random,
      schedule: (at, run) => this.#later(at, run),
      acknowledged: (at, work, runMs) => this.#maybeAskToStop(at, work, runMs),
      ended: (at, work) => this.#maybeWake(at, work),
    };
    this.#arrivals = new ArrivalFlow(this.#context);
  }

  start(now: EpochMs): void {
    if (this.#plan.blockedHead) this.#queue.create(now, { claimable: false });
    const { misbehaving } = this.#plan;
    for (let i = 0; i < (misbehaving?.sessions ?? 0); i++) this.#queue.create(now, { conduct: misbehaving!.conduct });
    for (const { afterSeconds, count, work } of this.#plan.items ?? []) {
      this.#later(now + afterSeconds * 1000, (at) => {
        for (let i = 0; i < count && !this.#draining; i++) this.#queue.create(at, work);
      });
    }
    this.#beginPhase(now, 0);
  }

  /** No new work from now on; the workers continue with what is there. */
  drain(): void {
    this.#draining = true;
    this.#arrivals.end();
  }

  /** Ends it: the workers stop what they serve and leave. */
  end(now: EpochMs): void {
    this.#over = true;
    for (const worker of this.#workers) worker.leave(now);
    this.#workers = [];
  }

  #beginPhase(now: EpochMs, number: number): void {
    const phase = this.#plan.phases[number % this.#plan.phases.length];
    if (phase === undefined) return;
    this.#applyPhase(now, phase);
    if (Number.isFinite(phase.seconds)) {
      this.#later(now + phase.seconds * 1000, (at) => this.#beginPhase(at, number + 1));
    }
  }

  #applyPhase(now: EpochMs, { arrivals, fleets, before = 'replaced' }: Phase): void {
    if (arrivals !== undefined) this.#arrivals.begin(now, arrivals);
    if (fleets === undefined) return;
    const present = this.#workers;
    this.#workers = [];
    this.#fleetNumber++;
    for (const fleet of fleets) {
      const kept = before === 'kept' ? present.splice(0, fleet.workers) : [];
      for (const worker of kept) worker.join(fleet, this.#fleetNumber);
      this.#workers.push(...kept);
      for (let i = kept.length; i < fleet.workers; i++) this.#addWorker(now + between([0, 3], this.#random), fleet);
    }
    for (const worker of present) {
      if (before === 'killed') worker.kill();
      else worker.leave(now);
    }
  }

  #addWorker(at: EpochMs, fleet: WorkerFleet): void {
    const worker = new VirtualWorker({
      id: `sim-worker-${Math.floor(this.#random() * 2 ** 32).toString(36)}`,
      fleet,
      fleetNumber: this.#fleetNumber,
      context: this.#context,
      died: (due, ofFleet, fleetNumber) => {
        this.#workers = this.#workers.filter((other) => other !== worker);
        this.#later(due, (now) => {
          if (fleetNumber === this.#fleetNumber) this.#addWorker(now, ofFleet);
        });
      },
    });
    this.#workers.push(worker);
    worker.start(at);
  }

  #maybeAskToStop(now: EpochMs, work: WorkRecord, runMs: number): void {
    if (this.#random() >= (this.#plan.gracefulStopShare ?? 0)) return;
    const acknowledgedAt = work.acknowledgedAt;
    this.#later(now + runMs * (0.2 + 0.6 * this.#random()), (at) => {
      // Only this very run, and only if nobody has taken the item away meanwhile.
      if (work.acknowledgedAt !== acknowledgedAt || work.state === 'queued') return;
      try {
        this.#queue.stop(at, work.id, false);
      } catch (error) {
        if (!(error instanceof Rejection)) throw error;
      }
    });
  }

  #maybeWake(now: EpochMs, work: WorkRecord): void {
    const { wake } = this.#plan;
    if (wake === undefined || work.type !== 'session' || this.#random() >= wake.share) return;
    this.#later(now + between(wake.afterSeconds, this.#random), (at) => {
      if (!this.#draining) this.#queue.requeue(at, work);
    });
  }

  #later(at: EpochMs, run: (at: EpochMs) => void): void {
    this.#schedule(at, (now) => {
      if (!this.#over) run(now);
    });
  }
}
