import type { EpochMs } from '../base/clock.ts';
import type { ConnectionFacts, EnvironmentFacts } from './facts.ts';

/** One sample each quarter of a minute, for an hour. */
const SAMPLE_MS = 15_000;
const SAMPLES = 240;
/** What the page draws of an environment. */
export const CHARTED = ['waiting', 'oldestSeconds', 'polling', 'live', 'stale'] as const;
export type Charted = (typeof CHARTED)[number];

export type EnvironmentHistory = History<keyof ReturnType<typeof environmentSample>>;
export type ConnectionHistory = History<keyof ReturnType<typeof connectionSample>>;

/** An hour of numbers by name, in arrays that never grow. NaN is unknown; 1 and 0 are yes and no. */
export class History<Name extends string> {
  readonly #columns = new Map<Name, Float32Array>();
  readonly #times = new Float64Array(SAMPLES).fill(Number.NaN);
  #at: EpochMs = 0;
  #firstAt: EpochMs | null = null;
  /** Counts quarters of a minute since the epoch. */
  #latest = -1;

  add(at: EpochMs, sample: Readonly<Record<Name, number | boolean | null>>): void {
    const moment = Math.max(this.#latest, Math.floor(at / SAMPLE_MS));
    for (const name in sample)
      if (!this.#columns.has(name)) this.#columns.set(name, new Float32Array(SAMPLES).fill(Number.NaN));
    // Moments that were left out stay unknown.
    for (let one = Math.max(this.#latest + 1, moment - SAMPLES + 1); one < moment; one++)
      for (const values of [this.#times, ...this.#columns.values()]) values[one % SAMPLES] = Number.NaN;
    for (const [name, values] of this.#columns) values[moment % SAMPLES] = asKept(sample[name] ?? Number.NaN);
    this.#times[moment % SAMPLES] = at;
    this.#at = at;
    this.#firstAt ??= at;
    this.#latest = moment;
  }

  get at(): EpochMs {
    return this.#at;
  }

  /** For how long there have been samples. */
  get seconds(): number {
    return this.#firstAt === null ? 0 : (this.#at - this.#firstAt) / 1000;
  }

  /** For how long it has had this value without a break. What is unknown neither begins nor ends that. */
  lasts(name: Name, value = 1): number {
    let since = this.#at;
    const kept = asKept(value);
    this.#back(name, Infinity, (known, at) => {
      if (known === kept) since = at;
      return known === kept;
    });
    return (this.#at - since) / 1000;
  }

  /** Since it was last so; Infinity if it was not within the hour. */
  secondsSince(name: Name): number {
    let last = Number.NEGATIVE_INFINITY;
    this.#back(name, Infinity, (known, at) => {
      if (known === 1) last = at;
      return known !== 1;
    });
    return (this.#at - last) / 1000;
  }

  /** By how much it has grown within the last seconds; how long ago it first and last did. */
  growth(name: Name, seconds: number): { readonly by: number; readonly first: number; readonly last: number } {
    let [by, first, last] = [0, Infinity, Infinity];
    let [later, laterAt] = [Number.NaN, this.#at];
    const from = this.#at - 1000 * seconds;
    this.#back(name, Infinity, (known, at) => {
      if (later > known) {
        by += later - known;
        first = (this.#at - laterAt) / 1000;
        last = Math.min(last, first);
      }
      [later, laterAt] = [known, at];
      return at > from;
    });
    return { by, first, last };
  }

  /** The average of the last seconds, or of as many that ended so long ago; NaN where it is unknown. */
  mean(name: Name, seconds: number, endedSecondsAgo = 0): number {
    let [sum, count] = [0, 0];
    const to = this.#at - 1000 * endedSecondsAgo;
    this.#back(name, seconds + endedSecondsAgo, (known, at) => {
      if (at > to) return true;
      sum += known;
      count++;
      return true;
    });
    return sum / count;
  }

  /** The values that it no longer has, the latest first: for how long it had each, and since when it has it no more. */
  stays(name: Name): readonly { readonly value: number; readonly seconds: number; readonly ago: number }[] {
    const all: { value: number; from: EpochMs }[] = [];
    this.#back(name, Infinity, (value, from) => {
      const later = all.at(-1);
      if (later?.value === value) later.from = from;
      else all.push({ value, from });
      return true;
    });
    return all.slice(1).map(({ value, from }, index) => {
      const to = all[index]!.from;
      return { value, seconds: (to - from) / 1000, ago: (this.#at - to) / 1000 };
    });
  }

  /** An hour, a value each half minute, the oldest first; NaN where it is not known. */
  numbersOf(name: Name): readonly number[] {
    const values = this.#columns.get(name);
    return Array.from({ length: SAMPLES / 2 }, (_, index) => {
      const moment = this.#latest - SAMPLES + 2 + 2 * index;
      return moment < 0 || values === undefined ? Number.NaN : values[moment % SAMPLES]!;
    });
  }

  /** Visits what is known, the latest first, until it is told to stop. */
  #back(name: Name, seconds: number, visit: (value: number, at: EpochMs) => boolean): void {
    const values = this.#columns.get(name);
    if (values === undefined) return;
    const from = this.#at - 1000 * seconds;
    for (let moment = this.#latest; moment > this.#latest - SAMPLES && moment >= 0; moment--) {
      const place = moment % SAMPLES;
      if (this.#times[place]! <= from) return;
      if (!Number.isNaN(values[place]!) && !visit(values[place]!, this.#times[place]!)) return;
    }
  }
}

/** Half the memory of a whole number: up to 2^24 each step of 1 can be told, and of a stamp more need not be. */
function asKept(value: number | boolean): number {
  return Math.fround(Number(value) % 2 ** 24);
}

/** What is remembered of one look at an environment. */
export function environmentSample({ queue, items, totals, stats, list }: EnvironmentFacts, isKeyRefused: boolean) {
  const isLifeless = items === null ? null : items.alive === 0;
  const isWaiting = queue === null ? null : queue.waiting > 0;
  const polling = queue === null ? null : (queue.polling ?? 0);
  const isAgeless = queue?.ageSeconds === null && (items?.queuedSeconds ?? null) === null;
  return {
    ...{ waiting: queue?.waiting ?? null, oldestSeconds: queue?.ageSeconds ?? null, polling: queue?.polling ?? null },
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
    isAgeless: isWaiting === null ? null : isWaiting && isAgeless,
    isUnpolled: polling === null ? null : polling === 0,
    isLifeless,
    /** Somebody polls or works. */
    isManned: polling === null ? null : polling > 0 || isLifeless === false,
    /** Nobody is there, and nothing to do. */
    isIdle: isWaiting === null ? null : !isWaiting && queue!.polling === 0 && isLifeless === true,
    /** No run is alive, and items are handed out that nobody acknowledges. */
    isHandedOut: isLifeless === null ? null : isLifeless && (queue?.pending ?? 0) > 0,
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
