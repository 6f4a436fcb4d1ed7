import type { EpochMs } from '../../base/clock.ts';
import { type ActivityContext, untilNext } from './activity-context.ts';
import type { Arrivals } from './scenario.ts';

/** The work that arrives in one environment, by one arrival pattern at a time. */
export class ArrivalFlow {
  readonly #context: Pick<ActivityContext, 'queue' | 'random' | 'schedule'>;
  /** Increases when the arrivals change, so that those scheduled before do not happen. */
  #generation = 0;
  #over = false;

  constructor(context: Pick<ActivityContext, 'queue' | 'random' | 'schedule'>) {
    this.#context = context;
  }

  /** Replaces the present arrivals. */
  begin(now: EpochMs, arrivals: Arrivals): void {
    if (this.#over) return;
    const generation = ++this.#generation;
    for (let i = 0; i < (arrivals.atOnce ?? 0); i++) this.#createSession(now, arrivals);
    this.#nextArrival(now, arrivals, generation);
    this.#nextHealthcheck(now, arrivals, generation);
  }

  /** Nothing arrives any more, whatever begins later. */
  end(): void {
    this.#over = true;
    this.#generation++;
  }

  #nextArrival(now: EpochMs, arrivals: Arrivals, generation: number): void {
    const together = arrivals.together ?? 1;
    const due = now + untilNext(arrivals.perMinute / together, this.#context.random);
    this.#later(due, generation, (at) => {
      for (let i = 0; i < together; i++) this.#createSession(at, arrivals);
      this.#nextArrival(at, arrivals, generation);
    });
  }

  #nextHealthcheck(now: EpochMs, arrivals: Arrivals, generation: number): void {
    const due = now + untilNext((arrivals.healthchecksPerHour ?? 0) / 60, this.#context.random);
    this.#later(due, generation, (at) => {
      this.#context.queue.create(at, { type: 'healthcheck' });
      this.#nextHealthcheck(at, arrivals, generation);
    });
  }

  #createSession(now: EpochMs, { runSeconds }: Arrivals): void {
    const teams = ['search', 'billing', 'docs'] as const;
    const team = teams[Math.floor(this.#context.random() * teams.length)]!;
    this.#context.queue.create(now, { metadata: { team }, ...(runSeconds && { runSeconds }) });
  }

  #later(due: EpochMs, generation: number, run: (at: EpochMs) => void): void {
    if (!Number.isFinite(due)) return;
    this.#context.schedule(due, (at) => {
      if (generation === this.#generation) run(at);
    });
  }
}
