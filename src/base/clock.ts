/** Milliseconds since the Unix epoch; may carry a fraction, because the API stamps microseconds. */
export type EpochMs = number;

export type CancelTimer = () => void;

/**
 * Time as a parameter: the process passes `systemClock`, tests and the simulator pass one they move by hand.
 *
 * `now` is wall time and may jump; `monotonic` only ever rises and is what durations and schedules are measured with.
 */
export interface Clock {
  now(): EpochMs;
  /** Milliseconds from an arbitrary start. */
  monotonic(): number;
  /** Calls `run` once after at least `delayMs`; the returned function cancels it. */
  setTimer(delayMs: number, run: () => void): CancelTimer;
}

/** Node replaces a longer timeout by 1 ms, so the timer would fire at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(delayMs, run) {
    // Node counts whole milliseconds, from the beginning of the present one: its timers may end one too early.
    const atLeast = delayMs > 0 ? Math.ceil(delayMs) + 1 : 0;
    const timer = setTimeout(run, Math.min(atLeast, LONGEST_TIMEOUT_MS));
    return () => clearTimeout(timer);
  },
};

/** Calls `run` every so many milliseconds of real time, for as long as something else keeps the process alive. */
export function whileAlive(intervalMs: number, run: () => void): CancelTimer {
  const timer = setInterval(run, intervalMs).unref();
  return () => clearInterval(timer);
}

/** Resolves after `delayMs`; rejects with the signal's reason when it aborts first. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.setTimer(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** A number in [0, 1). `Math.random` in the process, a seeded generator in tests and the simulator. */
export type Random = () => number;

/** A small seeded generator (mulberry32): the same seed always gives the same sequence. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `value` moved evenly by at most `share` of itself in either direction. */
export function jitter(value: number, share: number, random: Random): number {
  return value * (1 + share * (2 * random() - 1));
}

/** Runs steps that must not overlap one after another, in the order of the calls. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `step` after all earlier ones, also after one that failed. Rejects with what `step` throws. */
  run<T>(step: () => Promise<T>): Promise<T> {
    const result = this.#last.then(step);
    this.#last = result.catch(() => {});
    return result;
  }
}
