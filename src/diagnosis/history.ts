import type { EpochMs } from '../base/clock.ts';
import type { ConnectionFacts, EnvironmentFacts } from './facts.ts';

/** One sample each quarter of a minute, for an hour. */
export const SAMPLE_MS = 15_000;
const SAMPLES = 240;
/** The page draws every second one. */
export const CHARTED = ['waiting', 'oldestSeconds', 'polling', 'live', 'stale'] as const;
export type Charted = (typeof CHARTED)[number];

/** What has grown since the sample before. */
const GROWING = ['acknowledged', 'begun', 'stopped', 'lost', 'runs', 'shortRuns'] as const;
export type Growing = (typeof GROWING)[number];

/** `stood`: for how many seconds the item had been the oldest that was so no longer. */
const COLUMNS = [...CHARTED, ...GROWING, 'stood'] as const;
type Column = (typeof COLUMNS)[number];
const WIDTH = COLUMNS.length;
const OFFSETS = Object.fromEntries(COLUMNS.map((name, index) => [name, index])) as Readonly<Record<Column, number>>;

/** An hour of numbers in one array, 11,520 bytes whatever happens; NaN is unknown. */
class Ring {
  readonly #kept = new Float32Array(SAMPLES * WIDTH).fill(Number.NaN);
  /** Counts samples since the epoch; -1 before the first. */
  #latest = -1;

  get latest(): number {
    return this.#latest;
  }

  /** Moments that were left out stay unknown. */
  moveTo(moment: number): void {
    for (let one = Math.max(this.#latest + 1, moment - SAMPLES + 1); one <= moment; one++) {
      const place = (one % SAMPLES) * WIDTH;
      this.#kept.fill(Number.NaN, place, place + WIDTH);
    }
    this.#latest = Math.max(moment, this.#latest);
  }

  set(column: Column, value: number): void {
    this.#kept[(this.#latest % SAMPLES) * WIDTH + OFFSETS[column]] = value;
  }

  /** NaN where it is not known, or not kept. */
  get(column: Column, moment: number): number {
    if (moment < 0 || moment > this.#latest || moment <= this.#latest - SAMPLES) return Number.NaN;
    return this.#kept[(moment % SAMPLES) * WIDTH + OFFSETS[column]]!;
  }
}

/** Since when something has been so without a break. What nobody can tell neither begins nor ends it. */
export class Spell {
  #since: EpochMs | null = null;
  #now: EpochMs = 0;

  note(now: EpochMs, isSo: boolean | null): void {
    this.#now = now;
    if (isSo === false) this.#since = null;
    else if (isSo) this.#since ??= now;
  }

  /** 0 when it is not so, or has only just begun. */
  get seconds(): number {
    return this.#since === null ? 0 : (this.#now - this.#since) / 1000;
  }
}

/** What the last hour showed of one environment. */
export class EnvironmentHistory {
  readonly #ring = new Ring();
  #at: EpochMs = 0;
  #totals: EnvironmentFacts['totals'] = null;
  #head: number | null = null;
  /** Acknowledged since a run last began, and when the first of them was. */
  #unbegun = 0;
  #unbegunSince: EpochMs | null = null;
  #mannedAt = Number.NEGATIVE_INFINITY;
  #silent = 0;
  #silencedAt = Number.NEGATIVE_INFINITY;
  #lostUnseenAt = Number.NEGATIVE_INFINITY;

  readonly watched = new Spell();
  /** The stats, and the list, could be read. */
  readonly read = new Spell();
  readonly listed = new Spell();
  readonly waiting = new Spell();
  /** Nobody polls; no run is alive; somebody polls or works. */
  readonly unpolled = new Spell();
  readonly lifeless = new Spell();
  readonly manned = new Spell();
  /** No run is alive, and items are handed out that nobody acknowledges. */
  readonly handedOut = new Spell();
  /** The same item is the oldest. */
  readonly standing = new Spell();
  readonly ageless = new Spell();
  readonly listFailing = new Spell();
  readonly statsFailing = new Spell();

  add(now: EpochMs, facts: EnvironmentFacts): void {
    const { queue, items, totals, stats, list } = facts;
    this.#at = now;
    this.#ring.moveTo(Math.floor(now / SAMPLE_MS));
    this.#noteHead(now, facts);
    this.#noteTotals(now, totals);
    this.#ring.set('waiting', queue?.waiting ?? Number.NaN);
    this.#ring.set('oldestSeconds', queue?.ageSeconds ?? Number.NaN);
    this.#ring.set('polling', queue?.polling ?? Number.NaN);
    this.#ring.set('live', items === null ? Number.NaN : items.alive + items.stale);
    this.#ring.set('stale', items?.stale ?? Number.NaN);

    const isLifeless = items === null ? null : items.alive === 0;
    const isManned = queue === null ? null : (queue.polling ?? 0) > 0 || isLifeless === false;
    if (isManned) this.#mannedAt = now;
    if (items !== null && items.silent > this.#silent) this.#silencedAt = now;
    this.#silent = items?.silent ?? this.#silent;
    this.watched.note(now, true);
    this.read.note(now, queue !== null);
    this.listed.note(now, totals !== null);
    this.waiting.note(now, queue === null ? null : queue.waiting > 0);
    this.unpolled.note(now, queue === null ? null : (queue.polling ?? 0) === 0);
    this.lifeless.note(now, isLifeless);
    this.manned.note(now, isManned);
    this.handedOut.note(now, isLifeless === null ? null : isLifeless && (queue?.pending ?? 0) > 0);
    this.ageless.note(
      now,
      queue === null ? null : queue.waiting > 0 && queue.ageSeconds === null && (items?.queuedSeconds ?? null) === null,
    );
    this.listFailing.note(now, list.isAttempted && list.failure !== null);
    this.statsFailing.note(now, stats.isAttempted && stats.failure !== null);
  }

  /** By how much a total has grown within the last seconds. */
  growth(total: Growing, seconds: number): number {
    let sum = 0;
    for (let ago = 0; ago < samples(seconds); ago++) sum += this.#ring.get(total, this.#ring.latest - ago) || 0;
    return sum;
  }

  /** For how many seconds, between its first and its last growth within the last `seconds`, a total has grown. */
  growthSpan(total: Growing, seconds: number): number {
    let [first, last] = [-1, -1];
    for (let ago = 0; ago < samples(seconds); ago++) {
      if (!(this.#ring.get(total, this.#ring.latest - ago) > 0)) continue;
      if (last === -1) last = ago;
      first = ago;
    }
    return ((first - last) * SAMPLE_MS) / 1000;
  }

  /** How many items waited on average in the last seconds, or in as many that ended so long ago; NaN where it is unknown. */
  meanWaiting(seconds: number, endedSecondsAgo = 0): number {
    let [sum, count] = [0, 0];
    for (let ago = samples(endedSecondsAgo); ago < samples(endedSecondsAgo + seconds); ago++) {
      const value = this.#ring.get('waiting', this.#ring.latest - ago);
      if (Number.isNaN(value)) continue;
      sum += value;
      count++;
    }
    return sum / count;
  }

  /** How often the oldest item was taken. */
  headMoves(seconds: number): number {
    let moves = 0;
    for (let ago = 0; ago < samples(seconds); ago++) {
      if (!Number.isNaN(this.#ring.get('stood', this.#ring.latest - ago))) moves++;
    }
    return moves;
  }

  /** The longest that an oldest item stood within the hour, of those that stood for less than `atMost`. */
  usualStandSeconds(atMost: number): number {
    let longest = 0;
    for (let ago = 0; ago < SAMPLES; ago++) {
      const stood = this.#ring.get('stood', this.#ring.latest - ago);
      if (stood > longest && stood < atMost) longest = stood;
    }
    return longest;
  }

  /** Whether nothing waited and nobody was there, in the minutes before something that began so many seconds ago. */
  wasIdleBefore(secondsAgo: number, forSeconds: number): boolean {
    let known = 0;
    // The samples around its beginning may show it already.
    for (let ago = samples(secondsAgo) + 2; ago <= samples(secondsAgo + forSeconds); ago++) {
      const moment = this.#ring.latest - ago;
      const waiting = this.#ring.get('waiting', moment);
      if (Number.isNaN(waiting)) continue;
      known++;
      const alive = this.#ring.get('live', moment) - this.#ring.get('stale', moment);
      if (waiting > 0 || this.#ring.get('polling', moment) !== 0 || alive !== 0) return false;
    }
    return known > 0;
  }

  get unbegun(): { readonly acknowledged: number; readonly seconds: number } {
    const seconds = this.#unbegunSince === null ? 0 : (this.#at - this.#unbegunSince) / 1000;
    return { acknowledged: this.#unbegun, seconds };
  }

  get at(): EpochMs {
    return this.#at;
  }

  /** Somebody was there within ten minutes, nobody is now, and work waits. */
  get isDoubtful(): boolean {
    return this.waiting.seconds > 0 && this.unmannedSeconds >= 30 && this.unmannedSeconds < 600;
  }

  /** Since one more run fell silent for good; Infinity if none ever did. */
  get silencedSeconds(): number {
    return (this.#at - this.#silencedAt) / 1000;
  }

  /** Since a run was last lost that nobody saw silent in the minutes before, as its lease was short; Infinity if none ever was. */
  get lostUnseenSeconds(): number {
    return (this.#at - this.#lostUnseenAt) / 1000;
  }

  /** Since somebody polled or worked; Infinity if nobody ever did. */
  get unmannedSeconds(): number {
    return (this.#at - this.#mannedAt) / 1000;
  }

  /** An hour of one number, a value each half minute, the oldest first; NaN where it is not known. */
  numbersOf(name: Charted): readonly number[] {
    const { latest } = this.#ring;
    return Array.from({ length: SAMPLES / 2 }, (_, index) => this.#ring.get(name, latest - SAMPLES + 2 + 2 * index));
  }

  #noteHead(now: EpochMs, { queue }: EnvironmentFacts): void {
    if (queue === null) return;
    const head = queue.waiting === 0 ? null : queue.head;
    const isSame = head === this.#head;
    if (!isSame && this.#head !== null) this.#ring.set('stood', this.standing.seconds);
    if (!isSame) this.standing.note(now, false);
    this.standing.note(now, head !== null);
    this.#head = head;
  }

  #noteTotals(now: EpochMs, totals: EnvironmentFacts['totals']): void {
    if (totals === null) return;
    const before = this.#totals;
    this.#totals = totals;
    if (before === null) return;
    // A total that fell began anew.
    const grown = (name: Growing) => (totals[name] < before[name] ? totals[name] : totals[name] - before[name]);
    // A second look at the same moment must not hide what the first one saw.
    for (const name of GROWING) this.#ring.set(name, (this.#ring.get(name, this.#ring.latest) || 0) + grown(name));
    if (grown('lost') > 0 && now - this.#silencedAt > 240_000) this.#lostUnseenAt = now;
    if (grown('begun') > 0) {
      this.#unbegun = 0;
      this.#unbegunSince = null;
    } else if (grown('acknowledged') > 0) {
      this.#unbegun += grown('acknowledged');
      this.#unbegunSince ??= now;
    }
  }
}

/** What the last ten minutes showed of one connection. */
export class ConnectionHistory {
  readonly #kept: { readonly at: EpochMs; readonly requests: number; readonly limited: number }[] = [];
  readonly #refusedAt = new Map<string, EpochMs>();
  #watchedAt = Number.NEGATIVE_INFINITY;
  #at: EpochMs = 0;

  add(now: EpochMs, { requests, limitedRequests, refusedKeys }: ConnectionFacts, watched: number): void {
    this.#at = now;
    this.#kept.push({ at: now, requests, limited: limitedRequests });
    while (this.#kept[0]!.at < now - 600_000) this.#kept.shift();
    for (const key of refusedKeys) this.#refusedAt.set(key, now);
    if (watched > 0) this.#watchedAt = now;
  }

  /** Of the requests of the last ten minutes, how many were sent and how many were answered with 429. */
  get requests(): { readonly sent: number; readonly limited: number } {
    const grown = (name: 'requests' | 'limited') => {
      let sum = 0;
      for (let index = 1; index < this.#kept.length; index++) {
        const [before, after] = [this.#kept[index - 1]![name], this.#kept[index]![name]];
        sum += after < before ? after : after - before;
      }
      return sum;
    };
    return { sent: grown('requests'), limited: grown('limited') };
  }

  /** Whether a key was refused at any look of the last seconds. */
  wasRefused(key: string, seconds: number): boolean {
    return this.#at - (this.#refusedAt.get(key) ?? Number.NEGATIVE_INFINITY) <= seconds * 1000;
  }

  /** Since an environment of it was last watched; Infinity if none ever was. */
  get unwatchedSeconds(): number {
    return (this.#at - this.#watchedAt) / 1000;
  }
}

function samples(seconds: number): number {
  return Math.round((seconds * 1000) / SAMPLE_MS);
}
