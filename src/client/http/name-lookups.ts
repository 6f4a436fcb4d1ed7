import { type LookupOptions, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { type Clock, systemClock } from '../../base/clock.ts';

type Callback = Parameters<LookupFunction>[2];

/** A lookup that takes longer counts as hung, ms: a name server that answers does so within a tenth of that. */
const HANGS_AFTER_MS = 1000;

interface Lookup {
  /** Equal for lookups that can share one answer. */
  readonly key: string;
  readonly hostname: string;
  readonly options: LookupOptions;
  readonly callbacks: Callback[];
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
 * go first.
 */
export class NameLookups {
  readonly #unanswered = new Map<string, Lookup>();
  /** Those that have not begun, in the order in which they were asked for. */
  readonly #waiting: Lookup[] = [];
  #underWay = 0;
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
    const one = { key, hostname, options, callbacks: [callback] };
    this.#unanswered.set(key, one);
    this.#waiting.push(one);
    this.#beginNext();
  };

  #beginNext(): void {
    while (this.#underWay < MOST_AT_ONCE) {
      const quick = this.#waiting.findIndex(({ hostname }) => !this.#hung.has(hostname));
      // One that may hang begins alone: the other thread is left to those that come meanwhile.
      if (quick < 0 && this.#underWay > 0) return;
      const [next] = this.#waiting.splice(Math.max(quick, 0), 1);
      if (next === undefined) return;
      this.#begin(next);
    }
  }

  #begin({ key, hostname, options, callbacks }: Lookup): void {
    const from = this.#clock.monotonic();
    this.#underWay++;
    this.#ask(hostname, options, (...result) => {
      this.#underWay--;
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
