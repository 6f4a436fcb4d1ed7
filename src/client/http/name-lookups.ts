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
 * Looks names up as Node does, but keeps a thread free if the name server of one name does not answer. Node looks up
 * only two names at a time in a process, and a lookup that hangs takes ten seconds and more: without this, the outage
 * of one name would be an outage of all connections.
 *
 * All who ask for a name while it is looked up share that lookup. Names whose last lookup hung take turns.
 */
export class NameLookups {
  readonly #underWay = new Map<string, Lookup>();
  /** Names whose last lookup hung. */
  readonly #hung = new Set<string>();
  /** Lookups of names that hung before; the first one is under way. */
  readonly #turns: Lookup[] = [];
  readonly #ask: LookupFunction;
  readonly #clock: Pick<Clock, 'monotonic'>;

  constructor(ask: LookupFunction, clock: Pick<Clock, 'monotonic'>) {
    this.#ask = ask;
    this.#clock = clock;
  }

  /** In place of `lookup` of `node:dns`. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    const key = JSON.stringify([hostname, options]);
    const same = this.#underWay.get(key);
    if (same !== undefined) {
      same.callbacks.push(callback);
      return;
    }
    const one = { key, hostname, options, callbacks: [callback] };
    this.#underWay.set(key, one);
    if (!this.#hung.has(hostname)) this.#begin(one, () => {});
    else if (this.#turns.push(one) === 1) this.#begin(one, () => this.#nextTurn());
  };

  #begin({ key, hostname, options, callbacks }: Lookup, over: () => void): void {
    const from = this.#clock.monotonic();
    this.#ask(hostname, options, (...result) => {
      this.#underWay.delete(key);
      if (this.#clock.monotonic() - from >= HANGS_AFTER_MS) this.#hung.add(hostname);
      else this.#hung.delete(hostname);
      over();
      for (const callback of callbacks) callback(...result);
    });
  }

  #nextTurn(): void {
    this.#turns.shift();
    const [next] = this.#turns;
    if (next !== undefined) this.#begin(next, () => this.#nextTurn());
  }
}

/** The lookups of this process: all connections share them. */
export const nameLookups = new NameLookups((...args) => lookup(...args), systemClock);
