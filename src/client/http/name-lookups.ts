import { type LookupOptions, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { type Clock, systemClock } from '../../base/clock.ts';

type Callback = Parameters<LookupFunction>[2];

/** A lookup that took so long hung, ms: a name server that answers does so within a tenth of that. */
const HANGS_AFTER_MS = 1000;

interface Lookup {
  /** The same for all who may share it. */
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
 * Each name is looked up once at a time, for all who ask meanwhile. Names whose last lookup hung take turns.
 */
export class NameLookups {
  readonly #underWay = new Map<string, Lookup>();
  /** Names whose last lookup hung. */
  readonly #hung = new Set<string>();
  /** Lookups of such names: the first one is under way. */
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

/** Those of this process. */
export const nameLookups = new NameLookups((...args) => lookup(...args), systemClock);
