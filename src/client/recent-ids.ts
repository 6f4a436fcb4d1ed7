const PIECE = 16;

/** The last ids of many. An immutable value, in pieces: one more id copies only the last piece. */
export class RecentIds {
  readonly #least: number;
  readonly #pieces: readonly (readonly string[])[];

  /** Remembers at least the last `least`, and a few more. */
  constructor(least: number, pieces: readonly (readonly string[])[] = []) {
    this.#least = least;
    this.#pieces = pieces;
  }

  has(id: string): boolean {
    return this.#pieces.some((piece) => piece.includes(id));
  }

  with(id: string): RecentIds {
    const last = this.#pieces.at(-1);
    const pieces =
      last !== undefined && last.length < PIECE
        ? this.#pieces.with(-1, [...last, id])
        : [...this.#pieces.slice(-Math.ceil(this.#least / PIECE)), [id]];
    return new RecentIds(this.#least, pieces);
  }
}
