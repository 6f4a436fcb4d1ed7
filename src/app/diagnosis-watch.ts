import type { CancelTimer, Clock, EpochMs } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { Diagnosis, type DiagnosisMemory } from '../diagnosis/diagnosis.ts';
import type { ConnectionFacts, EnvironmentFacts } from '../diagnosis/facts.ts';
import type { History } from '../diagnosis/history.ts';
import { type DiagnosisReport, isCurrent, NO_REPORT } from '../diagnosis/report.ts';
import { ConditionLog } from './condition-log.ts';
import { observeConnections, observeEnvironment } from './facts.ts';
import { reportOnWall } from './report-on-wall.ts';
import type { Stages } from './stages.ts';

/** As often as a sample of the history. */
const LOOK_EVERY_MS = 15_000;
/** By then the first reads have ended: the first scrape should show what they show. */
const SECOND_LOOK_AFTER_MS = 3000;
/** For so long a look goes on before everything else has its turn: ten thousand environments take 0.3 s. */
const SLICE_MS = 10;

/** Over what the stages know. */
export function createDiagnosisWatch(
  stages: Stages,
  deps: Pick<DiagnosisWatchDeps, 'clock' | 'logger' | 'looked'>,
): DiagnosisWatch {
  const { states, connections } = stages;
  const { clock } = deps;
  return new DiagnosisWatch({
    ...deps,
    environments: () => {
      const moment = { now: clock.now(), monotonic: clock.monotonic() };
      const at = (connection: string) => ({ ...moment, skewMs: connections.correctionMs(connection) });
      return states
        .all()
        .values()
        .map((state) => observeEnvironment(state, at(state.environment.connection)));
    },
    connections: () => observeConnections(stages, clock.now()),
  });
}

export interface DiagnosisWatchDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  environments(): Iterable<EnvironmentFacts>;
  connections(): readonly ConnectionFacts[];
  /** After each look: what a restart should know has changed, `hasNews` when a condition began or ended. */
  looked(hasNews: boolean): void;
}

/** Looks at everything that is watched, again and again, and says what is wrong. */
export class DiagnosisWatch {
  readonly #deps: DiagnosisWatchDeps;
  readonly #log: ConditionLog;
  /** What to add to the monotonic clock to get the own one: it begins as the wall clock, and never jumps. */
  readonly #offsetMs: number;
  #diagnosis = new Diagnosis();
  /** Of the last look, on the own clock. */
  #report = NO_REPORT;
  /** The same on the wall clock. */
  #shown = NO_REPORT;
  #isFailing = false;
  /** The look that is under way. */
  #looking: Iterator<void> | null = null;
  #cancel: CancelTimer = () => {};

  constructor(deps: DiagnosisWatchDeps) {
    this.#deps = deps;
    this.#log = new ConditionLog(deps.logger, deps.clock.now());
    this.#offsetMs = deps.clock.now() - deps.clock.monotonic();
  }

  /**
   * What is wrong, with times of the wall clock; null before the first look, and when the last one is too long ago: a
   * diagnosis that stopped must not look like health.
   */
  get report(): DiagnosisReport | null {
    return isCurrent(this.#report, this.#now()) ? this.#shown : null;
  }

  /** The same, however long ago; it says of when it is. */
  get lastReport(): DiagnosisReport {
    return this.#shown;
  }

  /** The last hour of an environment that is watched. */
  history(environmentId: string): History | undefined {
    return this.#diagnosis.history(environmentId);
  }

  /** What a restart should know; JSON. */
  memory(): DiagnosisMemory {
    return this.#diagnosis.memory();
  }

  /** Looks now, soon, and then regularly. @param memory of an earlier process */
  start(memory: DiagnosisMemory | null = null): void {
    this.#diagnosis = new Diagnosis(memory);
    // The first one as a whole, so that the first scrape shows it.
    this.#look(Infinity);
    const { clock } = this.#deps;
    const regularly = () => {
      this.#cancel = clock.setTimer(LOOK_EVERY_MS - (clock.monotonic() % LOOK_EVERY_MS), () => {
        this.#look();
        regularly();
      });
    };
    this.#cancel = this.#deps.clock.setTimer(SECOND_LOOK_AFTER_MS, () => {
      this.#look();
      regularly();
    });
  }

  stop(): void {
    this.#cancel();
    this.#looking = null;
  }

  /** One that is still under way goes on instead. */
  #look(sliceMs = SLICE_MS): void {
    if (this.#looking !== null) return;
    this.#looking = this.#steps();
    this.#slice(this.#looking, sliceMs);
  }

  /** After a failure the last report stays, until it is too old to be shown. */
  #slice(looking: Iterator<void>, sliceMs: number): void {
    const { clock, logger } = this.#deps;
    if (this.#looking !== looking) return;
    const end = clock.monotonic() + sliceMs;
    try {
      while (looking.next().done !== true)
        if (clock.monotonic() > end) {
          setImmediate(() => this.#slice(looking, sliceMs));
          return;
        }
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing)
        logger.error({ event: 'diagnosis.failed', error: errorText(error) }, 'conditions are not judged');
      this.#isFailing = true;
    }
    this.#looking = null;
  }

  *#steps(): Generator<void, void> {
    const { environments, connections, looked } = this.#deps;
    const now = this.#now();
    const facts: EnvironmentFacts[] = [];
    for (const one of environments()) {
      facts.push(one);
      yield;
    }
    yield* this.#diagnosis.steps(now, facts, connections());
    this.#report = this.#diagnosis.report;
    this.#shown = reportOnWall(this.#report, this.#aheadMs());
    looked(this.#log.note(this.#shown));
  }

  #now(): EpochMs {
    return this.#deps.clock.monotonic() + this.#offsetMs;
  }

  /** Wall clock − own clock. */
  #aheadMs(): number {
    return this.#deps.clock.now() - this.#now();
  }
}
