import type { CancelTimer, Clock, EpochMs } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { Diagnosis } from '../diagnosis/diagnosis.ts';
import type { ConnectionFacts, EnvironmentFacts, Past } from '../diagnosis/facts.ts';
import { type DiagnosisReport, isCurrent, NO_REPORT } from '../diagnosis/report.ts';
import { ConditionLog } from './condition-log.ts';

/** As often as a sample of the history. */
const LOOK_EVERY_MS = 15_000;
/** By then the first reads have ended: the first scrape should show what they show. */
const SECOND_LOOK_AFTER_MS = 3000;

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
  #report = NO_REPORT;
  #isFailing = false;
  #cancel: CancelTimer = () => {};

  constructor(deps: DiagnosisWatchDeps) {
    this.#deps = deps;
    this.#log = new ConditionLog(deps.logger, deps.clock.now());
    this.#offsetMs = deps.clock.now() - deps.clock.monotonic();
  }

  /** What is wrong, with times of the wall clock; null before the first look, and when the last one is too long ago. */
  get report(): DiagnosisReport | null {
    return isCurrent(this.#report, this.#deps.clock.now()) ? this.#report : null;
  }

  /** The same, however long ago; it says of when it is. */
  get lastReport(): DiagnosisReport {
    return this.#report;
  }

  /** The last hour of an environment that is watched. */
  history(environmentId: string): Past | undefined {
    return this.#diagnosis.history(environmentId);
  }

  /** What a restart should know; JSON. */
  memory(): unknown {
    return this.#diagnosis.memory();
  }

  /** Looks now, so that the first scrape shows something, soon, and then regularly. @param memory of an earlier process */
  start(memory: unknown = null): void {
    this.#diagnosis = new Diagnosis(memory, this.#now());
    const { clock } = this.#deps;
    const lookAfter = (ms: number) => {
      this.#cancel = clock.setTimer(ms, () => {
        this.#look();
        lookAfter(LOOK_EVERY_MS - (clock.monotonic() % LOOK_EVERY_MS));
      });
    };
    this.#look();
    lookAfter(SECOND_LOOK_AFTER_MS);
  }

  stop(): void {
    this.#cancel();
  }

  /** After a failure the last report stays, until it is too old to be shown. */
  #look(): void {
    const { logger, environments, connections, looked, clock } = this.#deps;
    try {
      this.#report = this.#diagnosis.look(this.#now(), clock.now(), environments(), connections());
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing)
        logger.error({ event: 'diagnosis.failed', error: errorText(error) }, 'conditions are not judged');
      this.#isFailing = true;
      return;
    }
    looked(this.#log.note(this.#report));
  }

  #now(): EpochMs {
    return this.#deps.clock.monotonic() + this.#offsetMs;
  }
}
