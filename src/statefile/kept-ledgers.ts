import type { EpochMs } from '../base/clock.ts';
import type { Ledger } from '../lifecycle/ledger.ts';
import { formatLedger, formatStateFile } from './format.ts';

/** How long ledgers of unwatched environments are kept: discovery may be slow, or miss an environment for a round. */
const UNCLAIMED_MS = 3_600_000;
/**
 * At most as many of them are kept as were ever watched at once, and at least this many: if thousands of environments come and
 * go, those of a whole hour would be written every second.
 */
const LEAST_LEFT = 100;

/** The ledgers that belong in the file. Times are monotonic. */
export class KeptLedgers {
  readonly #ledgers: Map<string, Ledger>;
  /** The unwatched environments, with the time since which nobody has watched them. */
  readonly #unclaimed: Map<string, number>;
  /** Those of them that were watched since the start, in the order in which they left. */
  readonly #left = new Set<string>();
  /** The most that were watched at once. */
  #mostWatched = 0;
  /** The text of each ledger, kept because most environments do not change between two writes. */
  readonly #texts = new WeakMap<Ledger, string>();

  /** @param ledgers those of the file, which nobody has claimed yet */
  constructor(ledgers: ReadonlyMap<string, Ledger>, now: number) {
    this.#ledgers = new Map(ledgers);
    this.#unclaimed = new Map([...ledgers.keys()].map((id) => [id, now]));
  }

  /** The ledger of an environment that is watched from now on, whether or not its list can be read. */
  claim(environmentId: string): Ledger | undefined {
    this.#unclaimed.delete(environmentId);
    this.#left.delete(environmentId);
    return this.#ledgers.get(environmentId);
  }

  keep(environmentId: string, ledger: Ledger): void {
    this.#ledgers.set(environmentId, ledger);
    this.#unclaimed.delete(environmentId);
    this.#left.delete(environmentId);
  }

  unclaim(environmentId: string, now: number): void {
    if (!this.#ledgers.has(environmentId)) return;
    this.#mostWatched = Math.max(this.#mostWatched, this.#ledgers.size - this.#unclaimed.size);
    this.#unclaimed.set(environmentId, now);
    this.#left.add(environmentId);
    const most = Math.max(LEAST_LEFT, this.#mostWatched);
    const [first] = this.#left;
    if (first !== undefined && this.#left.size > most) this.#drop(first);
  }

  dropUnclaimed(now: number): void {
    for (const [id, since] of this.#unclaimed) if (now - since > UNCLAIMED_MS) this.#drop(id);
  }

  #drop(environmentId: string): void {
    this.#ledgers.delete(environmentId);
    this.#unclaimed.delete(environmentId);
    this.#left.delete(environmentId);
  }

  clear(): void {
    this.#ledgers.clear();
    this.#unclaimed.clear();
    this.#left.clear();
  }

  /** The text of the whole file, as of now. */
  text(head: { readonly instance: string; readonly savedAt: EpochMs }): string {
    return formatStateFile({ ...head, ledgers: this.#ledgers }, (ledger) => this.#textOf(ledger));
  }

  #textOf(ledger: Ledger): string {
    const text = this.#texts.get(ledger) ?? formatLedger(ledger);
    this.#texts.set(ledger, text);
    return text;
  }
}
