import type { EpochMs } from '../../base/clock.ts';
import type { SelectExpr } from '../syntax/expression.ts';
import { LOOKBACK_MS } from './series.ts';

/** Functions whose result stays the same as long as all samples in the range are equal, however many there are. */
const BY_EQUAL_SAMPLES: ReadonlySet<string> = new Set(['max_over_time', 'min_over_time', 'changes', 'resets']);
/** The same, but only with at least two samples in the range. */
const BY_SAMPLE_PAIRS: ReadonlySet<string> = new Set(['increase', 'rate', 'deriv']);

const NEVER = Number.NEGATIVE_INFINITY;

/**
 * When the samples of a family last differed from those of the previous evaluation: this proves that an expression has
 * the same result as before without evaluating it.
 */
export class ChangeTimes {
  #writtenAt = NEVER;
  #stepMs: number | null = null;
  #regularSince = NEVER;
  #appearedAt = NEVER;
  #changedAt = NEVER;
  #endedAt = NEVER;
  #hadSingleWrite = false;

  /** All series of the family are written for this time. At irregular steps, every average may change. */
  recordWrite(at: EpochMs): void {
    const stepMs = at - this.#writtenAt;
    if (this.#stepMs !== stepMs) {
      if (this.#writtenAt === NEVER || this.#stepMs !== null) this.#regularSince = at;
      if (this.#stepMs !== null) this.#changedAt = at;
      this.#stepMs = this.#writtenAt === NEVER ? null : stepMs;
    }
    this.#writtenAt = at;
  }

  /** A series of the family has its first sample. */
  recordAppearance(at: EpochMs): void {
    this.#appearedAt = at;
  }

  /** A series has another value than at the time before. */
  recordChange(at: EpochMs): void {
    this.#changedAt = at;
  }

  /** A series has no sample any more. */
  recordEnd(at: EpochMs): void {
    this.#endedAt = at;
  }

  /** A series was written without the others, so nothing is known about the family as a whole any more. */
  recordSingleWrite(): void {
    this.#hadSingleWrite = true;
  }

  /**
   * Whether a selector certainly has the same result at `at` as at `before`.
   * @param over the function over its range; null for an instant selector
   */
  isUnchanged(before: EpochMs, at: EpochMs, { rangeMs, offsetMs }: SelectExpr, over: string | null): boolean {
    if (this.#hadSingleWrite) return false;
    if (this.#appearedAt === NEVER) return true;
    if (this.#writtenAt <= before && offsetMs === 0) {
      if (over === null) return this.#isLastSampleKept(before, at, LOOKBACK_MS);
      const isLast = over === 'last_over_time' && rangeMs !== null;
      return isLast && this.#endedAt <= before - rangeMs && this.#isLastSampleKept(before, at, rangeMs);
    }
    if (!this.#wereAllWritten(before, at)) return false;
    const to = before - offsetMs;
    const from = to - (rangeMs ?? 0);
    if (over === null) return this.#isUnchangedSince(to);
    // A series that has ended stays in the range for a while, with its last value.
    if (this.#endedAt > from) return false;
    if (offsetMs === 0) {
      if (over === 'last_over_time') return this.#isUnchangedSince(to);
      if (BY_EQUAL_SAMPLES.has(over)) return this.#appearedAt <= to && this.#changedAt <= from;
      if (BY_SAMPLE_PAIRS.has(over)) return this.#appearedAt < to && this.#changedAt <= from;
    }
    // All other functions also depend on the number of samples, so the range must have been full.
    return this.#isUnchangedSince(from);
  }

  /**
   * Whether nothing was written since, and the last sample is recent enough. A sample written at `before` itself may have
   * come after the expression was evaluated, so it must equal the sample of the step before.
   */
  #isLastSampleKept(before: EpochMs, at: EpochMs, reachMs: number): boolean {
    if (this.#writtenAt <= at - reachMs) return false;
    if (this.#writtenAt < before) return true;
    const isRepeated = this.#appearedAt < before && this.#changedAt < before && this.#endedAt < before;
    return isRepeated && this.#stepMs !== null && this.#stepMs < reachMs;
  }

  #wereAllWritten(before: EpochMs, at: EpochMs): boolean {
    if (this.#writtenAt !== at || this.#stepMs === null) return false;
    return before >= this.#regularSince && (at - before) % this.#stepMs === 0;
  }

  #isUnchangedSince(at: EpochMs): boolean {
    return this.#appearedAt <= at && this.#changedAt <= at && this.#endedAt <= at;
  }
}
