const BUCKETS = 60;
const BUCKET_MS = 1000;

/**
 * How many requests were sent in the last minute, to within a second of it: a number for people to look at. Times are
 * monotonic.
 */
export class LastMinute {
  readonly #counts = new Uint32Array(BUCKETS);
  #latest = 0;

  add(now: number): void {
    this.#moveTo(now);
    this.#counts[this.#latest % BUCKETS]!++;
  }

  /** The latest one was not sent after all. */
  takeBack(now: number): void {
    this.#moveTo(now);
    for (let second = this.#latest; second > this.#latest - BUCKETS && second >= 0; second--) {
      if (this.#counts[second % BUCKETS]! === 0) continue;
      this.#counts[second % BUCKETS]!--;
      return;
    }
  }

  count(now: number): number {
    this.#moveTo(now);
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  #moveTo(now: number): void {
    const second = Math.floor(now / BUCKET_MS);
    for (let next = Math.max(this.#latest + 1, second - BUCKETS + 1); next <= second; next++) {
      this.#counts[next % BUCKETS] = 0;
    }
    this.#latest = Math.max(this.#latest, second);
  }
}
