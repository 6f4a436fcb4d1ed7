import type { Clock } from '../base/clock.ts';
import { systemErrorCode } from '../base/errors.ts';

/** How long the first step that a disk does not answer may take: it must not prevent the start. */
const FIRST_STEP_MS = 10_000;
/**
 * A disk that let one step hang will not answer the next ones either. All of them must be over before a liveness probe, which
 * is answered only after the start, ends the process: with the chart's settings after 30 s.
 */
const AFTER_HANG_MS = 1000;

/** The steps by which a process takes the state file over, one after the other, on a disk that may hang. */
export class FirstSteps {
  readonly #clock: Clock;
  #hangs = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long the next step may take. */
  get patienceMs(): number {
    return this.#hangs ? AFTER_HANG_MS : FIRST_STEP_MS;
  }

  /**
   * Finds out whether the disk hangs, by reading a file: reads have threads of their own, while every other step that hangs
   * keeps one of Node's four, and those also look up the names of the API.
   */
  async probe(read: Promise<unknown>): Promise<void> {
    const failed = (error: unknown) => {
      if (systemErrorCode(error) === 'file_hangs') this.#hangs = true;
    };
    await this.orTooLate(
      read.then(() => {}, failed),
      undefined,
    );
  }

  /** The result of `step`, or `otherwise` if it takes too long; the step then goes on in the background. */
  async orTooLate<T>(step: Promise<T>, otherwise: T): Promise<T> {
    const late = Promise.withResolvers<T>();
    const cancel = this.#clock.setTimer(this.patienceMs, () => {
      this.#hangs = true;
      late.resolve(otherwise);
    });
    return await Promise.race([step, late.promise]).finally(cancel);
  }

  /** The same, of a step that is not even begun once the disk hangs. */
  async unlessItHangs<T>(begin: () => Promise<T>, otherwise: T): Promise<T> {
    return this.#hangs ? otherwise : await this.orTooLate(begin(), otherwise);
  }
}
