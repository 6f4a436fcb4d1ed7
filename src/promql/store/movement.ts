import type { EpochMs } from '../../base/clock.ts';
import type { SelectExpr } from '../syntax/expression.ts';
import { LOOKBACK_MS } from './series.ts';

/** What decides the result of these is the last sample in the range, or that all samples in it are alike. */
const OF_EQUALS: ReadonlySet<string> = new Set(['max_over_time', 'min_over_time', 'changes', 'resets']);
/** The same, once there are two samples. */
const OF_PAIRS: ReadonlySet<string> = new Set(['increase', 'rate', 'deriv']);

const NEVER = Number.NEGATIVE_INFINITY;

/** When the samples of a family were last other than those of the moment before. */
export class Movement {
  #writtenAt = NEVER;
  #stepMs: number | null = null;
  #regularSince = NEVER;
  #appearedAt = NEVER;
  #changedAt = NEVER;
  #endedAt = NEVER;
  #isLoose = false;

  /** All series are written for this moment. A moment left out changes every average. */
  written(at: EpochMs): void {
    const stepMs = at - this.#writtenAt;
    if (this.#stepMs !== stepMs) {
      if (this.#writtenAt === NEVER || this.#stepMs !== null) this.#regularSince = at;
      if (this.#stepMs !== null) this.#changedAt = at;
      this.#stepMs = this.#writtenAt === NEVER ? null : stepMs;
    }
    this.#writtenAt = at;
  }

  appeared(at: EpochMs): void {
    this.#appearedAt = at;
  }

  changed(at: EpochMs): void {
    this.#changedAt = at;
  }

  ended(at: EpochMs): void {
    this.#endedAt = at;
  }

  /** A series is written by itself, so nothing is known of all of them. */
  loosened(): void {
    this.#isLoose = true;
  }

  /**
   * Whether a selector is sure to give at `at` what it gave at `before`.
   * @param over the function over its range; null for an instant
   */
  isStill(before: EpochMs, at: EpochMs, { rangeMs, offsetMs }: SelectExpr, over: string | null): boolean {
    if (this.#isLoose) return false;
    if (this.#appearedAt === NEVER) return true;
    if (this.#writtenAt <= before && offsetMs === 0) {
      if (over === null) return this.#stays(before, at, LOOKBACK_MS);
      const isLast = over === 'last_over_time' && rangeMs !== null;
      return isLast && this.#endedAt <= before - rangeMs && this.#stays(before, at, rangeMs);
    }
    if (!this.#wereWritten(before, at)) return false;
    const to = before - offsetMs;
    const from = to - (rangeMs ?? 0);
    if (over === null) return this.#isQuietSince(to);
    // What has ended stays in the range for a while, and its last value with it.
    if (this.#endedAt > from) return false;
    if (offsetMs === 0) {
      if (over === 'last_over_time') return this.#isQuietSince(to);
      if (OF_EQUALS.has(over)) return this.#appearedAt <= to && this.#changedAt <= from;
      if (OF_PAIRS.has(over)) return this.#appearedAt < to && this.#changedAt <= from;
    }
    // The others also depend on how many samples there are: the range has to be full.
    return this.#isQuietSince(from);
  }

  /**
   * Nothing was written since, and the last sample is young enough. What is written last in a round of rules was
   * perhaps not there yet when it was asked for at `before`, so it must be what was written a step earlier.
   */
  #stays(before: EpochMs, at: EpochMs, reachMs: number): boolean {
    if (this.#writtenAt <= at - reachMs) return false;
    if (this.#writtenAt < before) return true;
    const isRepeated = this.#appearedAt < before && this.#changedAt < before && this.#endedAt < before;
    return isRepeated && this.#stepMs !== null && this.#stepMs < reachMs;
  }

  #wereWritten(before: EpochMs, at: EpochMs): boolean {
    if (this.#writtenAt !== at || this.#stepMs === null) return false;
    return before >= this.#regularSince && (at - before) % this.#stepMs === 0;
  }

  #isQuietSince(at: EpochMs): boolean {
    return this.#appearedAt <= at && this.#changedAt <= at && this.#endedAt <= at;
  }
}
