import type { CancelTimer } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { type ConditionReport, NO_CONDITIONS } from './condition.ts';
import { ConditionEvaluation, type ConditionEvaluationDeps } from './condition-evaluation.ts';
import type { ConditionPipeline } from './condition-pipeline.ts';

/** A start has enough to do; parsing the rules takes a quarter of a second of CPU. */
const FIRST_EVALUATION_AFTER_MS = 3000;
/** Between two tries to load the rules. */
const LOAD_RETRY_AFTER_MS = 30_000;

export interface ConditionWatchDeps extends ConditionEvaluationDeps {
  readonly logger: Pick<Logger, 'error'>;
  /** Loads what evaluates the rules. */
  readonly loadPipeline?: () => Promise<ConditionPipeline>;
}

/** Loaded after the start, because the rules and their evaluation are a good part of the program. */
async function loadShippedPipeline(): Promise<ConditionPipeline> {
  const { conditionPipeline } = await import('./condition-pipeline.ts');
  return conditionPipeline();
}

/**
 * Scrapes this exporter as Prometheus does and evaluates the shipped rules over it, so that the status page and the
 * JSON say what the alerts say: the rules themselves are the table of conditions.
 */
export class ConditionWatch {
  readonly #deps: ConditionWatchDeps;
  #report = NO_CONDITIONS;
  #cancel: CancelTimer = () => {};
  #stopped = false;

  constructor(deps: ConditionWatchDeps) {
    this.#deps = deps;
  }

  get report(): ConditionReport {
    return this.#report;
  }

  /**
   * Evaluates after the first reads, and from then on whenever the monotonic clock is at a multiple of the interval.
   */
  start(): void {
    this.#cancel = this.#deps.clock.setTimer(FIRST_EVALUATION_AFTER_MS, () => void this.#load());
  }

  async #load(): Promise<void> {
    let pipeline: ConditionPipeline;
    try {
      pipeline = await (this.#deps.loadPipeline ?? loadShippedPipeline)();
    } catch (error) {
      this.#logFailure(error);
      if (!this.#stopped) this.#cancel = this.#deps.clock.setTimer(LOAD_RETRY_AFTER_MS, () => void this.#load());
      return;
    }
    await this.#run(new ConditionEvaluation(this.#deps, pipeline), pipeline.intervalMs);
  }

  async #run(evaluation: ConditionEvaluation, intervalMs: number): Promise<void> {
    const { clock } = this.#deps;
    const lastBoundary = () => Math.floor(clock.monotonic() / intervalMs) * intervalMs;
    const evaluateAndPlan = async (at: number): Promise<void> => {
      if (this.#stopped) return;
      await this.#evaluate(evaluation, at);
      if (this.#stopped) return;
      // With all else that is looked at, as by `setAlignedTimer`. After the machine slept, missed evaluations are
      // skipped.
      const next = Math.max(at + intervalMs, lastBoundary());
      this.#cancel = clock.setTimer(next - clock.monotonic(), () => void evaluateAndPlan(next));
    };
    // As of a boundary, too: what begins to hold now would otherwise be evaluated a step later than its alert fires.
    await evaluateAndPlan(lastBoundary());
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  /** After a failure the last report stays; it says of when it is. */
  async #evaluate(evaluation: ConditionEvaluation, at: number): Promise<void> {
    try {
      this.#report = await evaluation.evaluate(at);
    } catch (error) {
      this.#logFailure(error);
    }
  }

  #logFailure(error: unknown): void {
    this.#deps.logger.error({ event: 'conditions.failed', error: errorText(error) }, 'conditions cannot be evaluated');
  }
}
