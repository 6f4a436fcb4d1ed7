import type { EpochMs } from '../base/clock.ts';

/** One sample each quarter of a minute, for an hour. */
const SAMPLE_MS = 15_000;
const SAMPLES = 240;
const CHARTED_SECONDS = 30;
/** What the page draws of an environment. */
export type Charted = 'waiting' | 'oldestSeconds' | 'polling' | 'live' | 'stale';

/** An hour of numbers by name, in arrays that never grow. NaN is unknown; 1 and 0 are yes and no. */
export class History<Name extends string> {
  readonly #columns = new Map<Name, Float32Array>();
  readonly #times = new Float64Array(SAMPLES).fill(Number.NaN);
  #firstAt: EpochMs = Number.NaN;
  #latest = -1;

  add(at: EpochMs, sample: Readonly<Partial<Record<Name, number | boolean | null>>>): void {
    if (Math.floor(at / SAMPLE_MS) !== Math.floor(this.at / SAMPLE_MS)) this.#latest++;
    const place = this.#latest % SAMPLES;
    for (const values of this.#columns.values()) values[place] = Number.NaN;
    for (const [name, value] of Object.entries(sample) as [Name, number | boolean | null][]) {
      const values = this.#columns.get(name) ?? new Float32Array(SAMPLES).fill(Number.NaN);
      values[place] = value === null ? Number.NaN : asKept(value);
      this.#columns.set(name, values);
    }
    this.#times[place] = at;
    if (Number.isNaN(this.#firstAt)) this.#firstAt = at;
  }

  /** Of the latest sample. */
  get at(): EpochMs {
    return this.#times[this.#latest % SAMPLES]!;
  }

  /** For how long there have been samples. */
  get seconds(): number {
    return (this.at - this.#firstAt) / 1000 || 0;
  }

  /** For how long it has had this value without a break. What is unknown neither begins nor ends that. */
  lasts(name: Name, value = 1): number {
    let seconds = 0;
    this.#back(name, (known, ago) => {
      if (known !== asKept(value)) return false;
      seconds = ago;
      return true;
    });
    return seconds;
  }

  /** By how much it has grown within the last seconds; how long ago it first and last did. */
  growth(name: Name, seconds: number): { readonly by: number; readonly first: number; readonly last: number } {
    let [by, first, last, later, laterAgo] = [0, Infinity, Infinity, Number.NaN, 0];
    this.#back(name, (known, ago) => {
      if (later > known) {
        by += later - known;
        first = laterAgo;
        last = Math.min(last, first);
      }
      later = known;
      laterAgo = ago;
      return ago < seconds;
    });
    return { by, first, last };
  }

  /** The average of the last seconds, or of as many that ended so long ago; NaN where it is unknown. */
  mean(name: Name, seconds: number, endedSecondsAgo = 0): number {
    let [sum, count] = [0, 0];
    this.#back(name, (known, ago) => {
      if (ago < endedSecondsAgo) return true;
      if (ago >= seconds + endedSecondsAgo) return false;
      sum += known;
      count++;
      return true;
    });
    return sum / count;
  }

  /** The values that it no longer has, the latest first: for how long it had each, and since when it has it no more. */
  stays(name: Name): readonly { readonly value: number; readonly seconds: number; readonly ago: number }[] {
    const all: { value: number; seconds: number; ago: number }[] = [];
    let endedAgo = 0;
    this.#back(name, (value, ago) => {
      if (all.at(-1)?.value !== value) all.push({ value, seconds: 0, ago: endedAgo });
      all.at(-1)!.seconds = ago - all.at(-1)!.ago;
      endedAgo = ago;
      return true;
    });
    return all.slice(1);
  }

  /** An hour, a value each half minute, the oldest first; NaN where it is not known. */
  numbersOf(name: Name): readonly number[] {
    const numbers = Array<number>(3600 / CHARTED_SECONDS).fill(Number.NaN);
    this.#back(name, (value, ago) => {
      const place = numbers.length - 1 - Math.floor(ago / CHARTED_SECONDS);
      if (Number.isNaN(numbers[place])) numbers[place] = value;
      return true;
    });
    return numbers;
  }

  /** Visits what is known, the latest first, until it is told to stop. */
  #back(name: Name, visit: (value: number, secondsAgo: number) => boolean): void {
    const values = this.#columns.get(name);
    const { at } = this;
    if (values === undefined) return;
    for (let sample = this.#latest; sample >= 0 && sample > this.#latest - SAMPLES; sample--) {
      const value = values[sample % SAMPLES]!;
      const ago = (at - this.#times[sample % SAMPLES]!) / 1000;
      if (ago > 3600 || (!Number.isNaN(value) && !visit(value, ago))) return;
    }
  }
}

/** Half the memory of a whole number: up to 2^24 each step of 1 can be told, and of a stamp more need not be. */
function asKept(value: number | boolean): number {
  return Math.fround(Number(value) % 2 ** 24);
}
