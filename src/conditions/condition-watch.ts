import { setImmediate } from 'node:timers/promises';
import type { CancelTimer, Clock, EpochMs } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { LabelSet } from '../promql/store/label-set.ts';
import { type ConditionRead, type ConditionReport, NO_CONDITIONS, readOf } from './condition.ts';
import type { ConditionParts } from './condition-parts.ts';
import type { NamedColumns } from './evaluation/rule-evaluator.ts';
import type { WrittenCondition } from './written-condition.ts';

/** A start has enough to do; parsing the rules takes a quarter of a second of CPU. */
const FIRST_AFTER_MS = 3000;
/** Between two tries to load the rules. */
const LOAD_AGAIN_MS = 30_000;
/** This many alerts are written before other work gets its turn. */
const ALERTS_A_TURN = 20;
/** A series for each kind of read of an environment that has succeeded. */
const SUCCEEDED = 'anthropic_work_last_success_timestamp_seconds';

export interface ConditionWatchDeps {
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'error'>;
  /** The text that a scrape would get now; what has none of these samples may be left out. */
  scrape(names: ReadonlySet<string>): Promise<readonly Buffer[]>;
  /**
   * Whether this read of the environment cannot confirm such an alert: it was not tried yet, or it fails for a reason that
   * other alerts report. The rules see that reason only once it has occurred twice.
   */
  provesNothing(environmentId: string, read: ConditionRead): boolean;
  /** Loads what evaluates the rules. */
  readonly loadParts?: () => Promise<ConditionParts>;
}

/** Loaded after the start, because the rules and their evaluation are a good part of the program. */
async function shippedParts(): Promise<ConditionParts> {
  const { conditionParts } = await import('./condition-parts.ts');
  return conditionParts();
}

/**
 * Scrapes this exporter as Prometheus does and evaluates the shipped rules over it, so that the status page and the
 * JSON say what the alerts say: the rules themselves are the table of conditions.
 */
export class ConditionWatch {
  readonly #deps: ConditionWatchDeps;
  #written: ReadonlyMap<LabelSet, WrittenCondition> = new Map();
  #report = NO_CONDITIONS;
  /** Monotonic: the first evaluation. */
  #begunAt = 0;
  /** So many kinds of reads had succeeded at the last evaluation. */
  #readings = -1;
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
    this.#cancel = this.#deps.clock.setTimer(FIRST_AFTER_MS, () => void this.#load());
  }

  async #load(): Promise<void> {
    let parts: ConditionParts;
    try {
      parts = await (this.#deps.loadParts ?? shippedParts)();
    } catch (error) {
      this.#failed(error);
      if (!this.#stopped) this.#cancel = this.#deps.clock.setTimer(LOAD_AGAIN_MS, () => void this.#load());
      return;
    }
    await this.#run(parts);
  }

  async #run(parts: ConditionParts): Promise<void> {
    const { clock } = this.#deps;
    // Setting the wall clock must not change how long a condition has held.
    const boundary = () => Math.floor(clock.monotonic() / parts.intervalMs) * parts.intervalMs;
    const turn = async (at: number): Promise<void> => {
      if (this.#stopped) return;
      await this.#turn(parts, at);
      if (this.#stopped) return;
      // With all else that is looked at, as by `setAlignedTimer`. After the machine slept, missed evaluations are
      // skipped.
      const next = Math.max(at + parts.intervalMs, boundary());
      this.#cancel = clock.setTimer(next - clock.monotonic(), () => void turn(next));
    };
    this.#begunAt = clock.monotonic();
    // As of a boundary, too: what begins to hold now would otherwise be evaluated a step later than its alert fires.
    await turn(boundary());
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  async #turn(parts: ConditionParts, at: EpochMs): Promise<void> {
    try {
      await this.#evaluate(parts, at);
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#deps.logger.error({ event: 'conditions.failed', error: errorText(error) }, 'conditions cannot be evaluated');
  }

  async #evaluate({ evaluator, reader, writer, order, up }: ConditionParts, at: EpochMs): Promise<void> {
    const columns = await reader.read(await this.#deps.scrape(evaluator.scrapedNames));
    const now = this.#deps.clock.now();
    const wallMs = now - this.#deps.clock.monotonic();
    evaluator.scraped([...columns, up], at);
    const readings = readingsIn(columns);
    await (readings > this.#readings ? evaluator.evaluateFirst(at) : evaluator.evaluate(at));
    this.#readings = readings;
    const written = new Map<LabelSet, WrittenCondition>();
    for (const instance of evaluator.active) {
      const condition = writer.write(
        instance,
        { at, begunAt: this.#begunAt, wallMs },
        this.#written.get(instance.labels),
      );
      if (this.#isEarly(condition)) continue;
      written.set(instance.labels, condition);
      if (written.size % ALERTS_A_TURN === 0) await setImmediate();
    }
    this.#written = written;
    this.#report = {
      evaluatedAt: now,
      evaluatedSince: this.#begunAt + wallMs,
      conditions: [...written.values()].sort(order),
    };
  }

  /**
   * Whether a condition only says that a read has not been tried yet, or what others will say. A firing alert is always
   * shown, because Prometheus reports it, too.
   */
  #isEarly({ alert, phase, subject }: WrittenCondition): boolean {
    const read = readOf(alert);
    return (
      read !== undefined &&
      phase === 'pending' &&
      subject.kind === 'environment' &&
      this.#deps.provesNothing(subject.id, read)
    );
  }
}

/** How many kinds of reads of environments have succeeded. */
function readingsIn(columns: readonly NamedColumns[]): number {
  return columns.reduce((sum, { name, labels }) => sum + (name === SUCCEEDED ? labels.length : 0), 0);
}
