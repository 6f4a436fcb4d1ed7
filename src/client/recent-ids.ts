/**
 * Remembers the latest of many ids. Two sets used in turn, so that adding one is as quick as a lookup, however many there
 * are.
 */
export class RecentIds {
  readonly #least: number;
  #before: ReadonlySet<string> = new Set();
  #latest = new Set<string>();

  /** Remembers at least the last `least`, and at most twice as many. */
  constructor(least: number) {
    this.#least = least;
  }

  /** Remembers an id; whether it was known already. */
  add(id: string): boolean {
    if (this.#latest.has(id) || this.#before.has(id)) return true;
    if (this.#latest.size === this.#least) [this.#before, this.#latest] = [this.#latest, new Set()];
    this.#latest.add(id);
    return false;
  }
}
