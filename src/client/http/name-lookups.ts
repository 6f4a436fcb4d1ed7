import { type LookupOptions, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { type Clock, systemClock } from '../../base/clock.ts';

type Callback = Parameters<LookupFunction>[2];

/** A lookup that takes longer counts as hung, ms: a name server that answers does so within a tenth of that. */
const HANGS_AFTER_MS = 1000;
/** A name whose last lookup hung lets others go first for so long, ms: connections give up after that, too. */
const GIVES_WAY_MS = 10_000;

interface Lookup {
  /** Equal for lookups that can share one answer. */
  readonly key: string;
  readonly hostname: string;
  readonly options: LookupOptions;
  readonly callbacks: Callback[];
  /** Since when it waits, on the monotonic clock. */
  readonly askedAt: number;
}

/**
 * So many lookups does Node make at once in a process. It would let more of them wait, and the wait of a name behind others
 * that hang would look as if it hung itself.
 */
const MOST_AT_ONCE = 2;

/**
 * Looks names up as Node does, but keeps a thread free if the name server of one name does not answer. A lookup that hangs
 * takes ten seconds and more: without this, the outage of one name would be an outage of all connections.
 *
 * All who ask for a name while it is looked up share that lookup. Names whose last lookup hung take turns, and let all others
 * go first; but not for ever, because their name server may answer again.
 */
export class NameLookups {
  readonly #unanswered = new Map<string, Lookup>();
  /** Those that have not begun, in the order in which they were asked for. */
  readonly #waiting: Lookup[] = [];
  #underWay = 0;
  /** Whether one of those under way is of a name whose last lookup hung. */
  #oneMayHang = false;
  /** Names whose last lookup hung. */
  readonly #hung = new Set<string>();
  readonly #ask: LookupFunction;
  readonly #clock: Pick<Clock, 'monotonic'>;

  constructor(ask: LookupFunction, clock: Pick<Clock, 'monotonic'>) {
    this.#ask = ask;
    this.#clock = clock;
  }

  /** In place of `lookup` of `node:dns`. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    const key = JSON.stringify([hostname, options]);
    const same = this.#unanswered.get(key);
    if (same !== undefined) {
      same.callbacks.push(callback);
      return;
    }
    const one = { key, hostname, options, callbacks: [callback], askedAt: this.#clock.monotonic() };
    this.#unanswered.set(key, one);
    this.#waiting.push(one);
    this.#beginNext();
  };

  #beginNext(): void {
    while (this.#underWay < MOST_AT_ONCE) {
      const [next] = this.#waiting.splice(this.#next() ?? this.#waiting.length, 1);
      if (next === undefined) return;
      this.#begin(next);
    }
  }

  /** Which of those that wait is to begin; null: none. */
  #next(): number | null {
    const may = this.#waiting.findIndex(({ hostname }) => this.#hung.has(hostname));
    const waited = may < 0 ? 0 : this.#clock.monotonic() - this.#waiting[may]!.askedAt;
    if (waited >= GIVES_WAY_MS && !this.#oneMayHang) return may;
    const quick = this.#waiting.findIndex(({ hostname }) => !this.#hung.has(hostname));
    if (quick >= 0) return quick;
    // One that may hang begins alone: the other thread is left to those that come meanwhile.
    return may >= 0 && this.#underWay === 0 ? may : null;
  }

  #begin({ key, hostname, options, callbacks }: Lookup): void {
    const from = this.#clock.monotonic();
    const mayHang = this.#hung.has(hostname);
    this.#underWay++;
    if (mayHang) this.#oneMayHang = true;
    this.#ask(hostname, options, (...result) => {
      this.#underWay--;
      if (mayHang) this.#oneMayHang = false;
      this.#unanswered.delete(key);
      if (this.#clock.monotonic() - from >= HANGS_AFTER_MS) this.#hung.add(hostname);
      else this.#hung.delete(hostname);
      this.#beginNext();
      for (const callback of callbacks) callback(...result);
    });
  }
}

/** The lookups of this process: all connections share them. */
export const nameLookups = new NameLookups((...args) => lookup(...args), systemClock);
