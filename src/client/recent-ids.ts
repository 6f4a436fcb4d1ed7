const PIECE = 16;

/** The last ids of many. An immutable value, in pieces: one more id copies only the last piece. */
export class RecentIds {
  readonly #least: number;
  /** Whole pieces: each id of each answer is looked up in all of them. */
  readonly #earlier: readonly ReadonlySet<string>[];
  readonly #last: readonly string[];

  /** Remembers at least the last `least`, and a few more. */
  constructor(least: number, earlier: readonly ReadonlySet<string>[] = [], last: readonly string[] = []) {
    this.#least = least;
    this.#earlier = earlier;
    this.#last = last;
  }

  has(id: string): boolean {
    return this.#last.includes(id) || this.#earlier.some((piece) => piece.has(id));
  }

  with(id: string): RecentIds {
    const last = [...this.#last, id];
    if (last.length < PIECE) return new RecentIds(this.#least, this.#earlier, last);
    const most = Math.ceil(this.#least / PIECE);
    return new RecentIds(this.#least, [...this.#earlier, new Set(last)].slice(-most));
  }
}
