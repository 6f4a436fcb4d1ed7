/** What a list may remember in any case: a page of a hundred items, of which most have stopped. */
const FREE_BYTES = 65_536;
/** The part of the room that one list may take at most: a page with tens of thousands of rows must not take all of it. */
const LARGEST_PART = 1 / 8;

/**
 * The memory for the remembered pages of all lists, beyond what each may have in any case. A page for which there is no
 * room is parsed as a whole each time, which takes more CPU and changes no number.
 */
export class AnswerRoom {
  readonly #most: number;
  #taken = 0;

  /** @param most bytes */
  constructor(most: number) {
    this.#most = most;
  }

  /** Whether a list may take `bytes` instead of `before`. */
  admits(bytes: number, before: number): boolean {
    const [next, last] = [beyondFree(bytes), beyondFree(before)];
    return next <= last || (this.#taken + next - last <= this.#most && next <= this.#most * LARGEST_PART);
  }

  /** A list takes `bytes` instead of `before`. */
  replaceTaken(bytes: number, before: number): void {
    this.#taken += beyondFree(bytes) - beyondFree(before);
  }
}

function beyondFree(bytes: number): number {
  return Math.max(0, bytes - FREE_BYTES);
}
