import type { EpochMs } from '../base/clock.ts';
import type { ConnectionFacts, EnvironmentFacts } from './facts.ts';

/** One sample each quarter of a minute, for an hour. */
const SAMPLE_MS = 15_000;
const SAMPLES = 240;
/** What the page draws of an environment. */
export type Charted = 'waiting' | 'oldestSeconds' | 'polling' | 'live' | 'stale';

type Sample = ReturnType<typeof environmentSample> & ReturnType<typeof connectionSample>;
type Name = keyof Sample;

/** An hour of numbers by name, in arrays that never grow. NaN is unknown; 1 and 0 are yes and no. */
export class History {
  readonly #columns = new Map<Name, Float32Array>();
  /** NaN where a moment was left out. */
  readonly #times = new Float64Array(SAMPLES).fill(Number.NaN);
  #firstAt: EpochMs | null = null;
  /** Counts quarters of a minute since the epoch. */
  #latest = -1;

  add(at: EpochMs, sample: Readonly<Partial<Sample>>): void {
    const moment = Math.max(this.#latest, Math.floor(at / SAMPLE_MS));
    for (let one = Math.max(this.#latest + 1, moment - SAMPLES + 1); one < moment; one++)
      this.#times[one % SAMPLES] = Number.NaN;
    for (const [name, value] of Object.entries(sample) as [Name, number | boolean | null][]) {
      const values = this.#columns.get(name) ?? new Float32Array(SAMPLES);
      values[moment % SAMPLES] = asKept(value ?? Number.NaN);
      this.#columns.set(name, values);
    }
    this.#times[moment % SAMPLES] = at;
    this.#firstAt ??= at;
    this.#latest = moment;
  }

  /** Of the latest sample. */
  get at(): EpochMs {
    return this.#times[this.#latest % SAMPLES]!;
  }

  /** For how long there have been samples. */
  get seconds(): number {
    return this.#firstAt === null ? 0 : (this.at - this.#firstAt) / 1000;
  }

  /** For how long it has had this value without a break. What is unknown neither begins nor ends that. */
  lasts(name: Name, value = 1): number {
    const kept = asKept(value);
    let seconds = 0;
    this.#back(name, (known, ago) => {
      if (known === kept) seconds = ago;
      return known === kept;
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
      if (ago >= seconds + endedSecondsAgo) return false;
      if (ago < endedSecondsAgo) return true;
      sum += known;
      count++;
      return true;
    });
    return sum / count;
  }

  /** The values that it no longer has, the latest first: for how long it had each, and since when it has it no more. */
  stays(name: Name): readonly { readonly value: number; readonly seconds: number; readonly ago: number }[] {
    const all: { value: number; from: number }[] = [];
    this.#back(name, (value, ago) => {
      const later = all.at(-1);
      if (later?.value === value) later.from = ago;
      else all.push({ value, from: ago });
      return true;
    });
    const ended = (index: number) => all[index]!.from;
    return all.slice(1).map(({ value, from }, index) => ({ value, seconds: from - ended(index), ago: ended(index) }));
  }

  /** An hour, a value each half minute, the oldest first; NaN where it is not known. */
  numbersOf(name: Name): readonly number[] {
    return Array.from({ length: SAMPLES / 2 }, (_, index) => {
      const place = (this.#latest + 2 * index + 2) % SAMPLES;
      return Number.isNaN(this.#times[place]!) ? Number.NaN : (this.#columns.get(name)?.[place] ?? Number.NaN);
    });
  }

  /** Visits what is known, the latest first, until it is told to stop. */
  #back(name: Name, visit: (value: number, secondsAgo: number) => boolean): void {
    const values = this.#columns.get(name);
    if (values === undefined) return;
    const { at } = this;
    for (let back = 0; back < SAMPLES; back++) {
      const place = (this.#latest - back) % SAMPLES;
      const time = this.#times[place]!;
      if (Number.isNaN(time) || Number.isNaN(values[place]!)) continue;
      if (!visit(values[place]!, (at - time) / 1000)) return;
    }
  }
}

/** Half the memory of a whole number: up to 2^24 each step of 1 can be told, and of a stamp more need not be. */
function asKept(value: number | boolean): number {
  return Math.fround(Number(value) % 2 ** 24);
}

/** What is remembered of one look at an environment. */
export function environmentSample({ queue, items, totals, stats, list }: EnvironmentFacts, isKeyRefused: boolean) {
  const isWaiting = queue === null ? null : queue.waiting > 0;
  const isAgeless = queue?.ageSeconds === null && (items?.queuedSeconds ?? null) === null;
  const polling = queue === null ? null : (queue.polling ?? 0);
  const isAlive = items === null ? null : items.alive > 0;
  return {
    ...{ waiting: queue?.waiting ?? null, oldestSeconds: queue?.ageSeconds ?? null, polling },
    ...{ live: items === null ? null : items.alive + items.stale, stale: items?.stale ?? null },
    silent: items?.silent ?? null,
    /** The stamp of the oldest item; 0: none, or nobody tells. */
    head: queue === null ? null : (queue.head ?? 0),
    acknowledged: totals?.acknowledged ?? null,
    begun: totals?.begun ?? null,
    stopped: totals?.stopped ?? null,
    lost: totals?.lost ?? null,
    runs: totals?.runs ?? null,
    shortRuns: totals?.shortRuns ?? null,
    isRead: queue !== null,
    isListed: totals !== null,
    isWaiting,
    isAgeless: isWaiting && isAgeless,
    isAlive,
    /** Somebody polls or works. */
    isManned: polling === null ? null : polling > 0 || isAlive === true,
    /** Nobody is there, and nothing to do. */
    isIdle: isWaiting === null ? null : !isWaiting && queue!.polling === 0 && isAlive === false,
    /** No run is alive, and items are handed out that nobody acknowledges. */
    isHandedOut: isAlive === null ? null : !isAlive && (queue?.pending ?? 0) > 0,
    areStatsFailing: stats.isAttempted && stats.failure !== null,
    isListFailing: list.isAttempted && list.failure !== null,
    /** The API refuses its own key. */
    isKeyRefused,
  };
}

export function connectionSample({ requests, limitedRequests, refusedKeys }: ConnectionFacts, isWatching: boolean) {
  const isKeyRefused = refusedKeys.includes('api_key');
  return { requests, limitedRequests, isKeyRefused, isWatching };
}
