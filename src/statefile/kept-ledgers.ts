import type { Ledger } from '../lifecycle/ledger.ts';
import { formatLedger, formatStateFile, type StateFileContent } from './format.ts';

/** How long ledgers of unwatched environments are kept: discovery may be slow, or miss an environment for a round. */
const UNWATCHED_MS = 3_600_000;
/**
 * At most as many of them are kept as were ever watched at once, and at least this many: if thousands of environments come and
 * go, those of a whole hour would be written every second.
 */
const LEAST_KEPT = 100;

/** The ledgers that belong in the file. Times are monotonic. */
export class KeptLedgers {
  readonly #ledgers: Map<string, Ledger>;
  /** The environments that are not watched, with the time since when. */
  readonly #unwatched: Map<string, number>;
  /** Those of them that were watched since the start, in the order in which they left. */
  readonly #left = new Set<string>();
  /** The most that were watched at once. */
  #mostWatched = 0;
  /** The text of each ledger, kept because most environments do not change between two writes. */
  readonly #texts = new WeakMap<Ledger, string>();

  /** @param ledgers those of the file, whose environments are not watched yet */
  constructor(ledgers: ReadonlyMap<string, Ledger>, now: number) {
    this.#ledgers = new Map(ledgers);
    this.#unwatched = new Map([...ledgers.keys()].map((id) => [id, now]));
  }

  /** The environment is watched from now on, whether or not its list can be read. Returns its ledger, if there is one. */
  resume(environmentId: string): Ledger | undefined {
    this.#unwatched.delete(environmentId);
    this.#left.delete(environmentId);
    return this.#ledgers.get(environmentId);
  }

  /** The environment, which is watched, has this ledger now. */
  keep(environmentId: string, ledger: Ledger): void {
    this.#ledgers.set(environmentId, ledger);
    this.#unwatched.delete(environmentId);
    this.#left.delete(environmentId);
  }

  /** The environment is no longer watched; its ledger is kept for an hour. */
  markUnwatched(environmentId: string, now: number): void {
    if (!this.#ledgers.has(environmentId)) return;
    this.#mostWatched = Math.max(this.#mostWatched, this.#ledgers.size - this.#unwatched.size);
    this.#unwatched.set(environmentId, now);
    this.#left.add(environmentId);
    const most = Math.max(LEAST_KEPT, this.#mostWatched);
    const [first] = this.#left;
    if (first !== undefined && this.#left.size > most) this.#drop(first);
  }

  /** Forgets the ledgers of environments that have not been watched for an hour. */
  dropLongUnwatched(now: number): void {
    for (const [id, since] of this.#unwatched) if (now - since > UNWATCHED_MS) this.#drop(id);
  }

  #drop(environmentId: string): void {
    this.#ledgers.delete(environmentId);
    this.#unwatched.delete(environmentId);
    this.#left.delete(environmentId);
  }

  clear(): void {
    this.#ledgers.clear();
    this.#unwatched.clear();
    this.#left.clear();
  }

  /** The text of the whole file with all ledgers that are kept now. */
  text(head: Omit<StateFileContent, 'ledgers'>): string {
    return formatStateFile({ ...head, ledgers: this.#ledgers }, (ledger) => this.#textOf(ledger));
  }

  #textOf(ledger: Ledger): string {
    const text = this.#texts.get(ledger) ?? formatLedger(ledger);
    this.#texts.set(ledger, text);
    return text;
  }
}
