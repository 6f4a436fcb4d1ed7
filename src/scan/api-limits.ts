/** How long a smaller page size is believed to be necessary. */
const PAGE_SIZE_MS = 86_400_000;
/** A key that may not read single items is a matter of configuration; people may change it. */
const REFUSED_FOR_MS = 3_600_000;

/** What the API was found not to accept of late. Times are monotonic. */
export class ApiLimits {
  #pageSize: number | null = null;
  #pageSizeUntil = 0;
  #singleReadsRefusedUntil = 0;

  /** Items a page, where the preset's number was rejected; else null. */
  get pageSize(): number | null {
    return this.#pageSize;
  }

  /** The smaller page size has been used for so long that the preset's may be accepted by now. */
  isPageSizeOld(now: number): boolean {
    return this.#pageSize !== null && this.#pageSizeUntil <= now;
  }

  pageSizeRejected(accepted: number, now: number): void {
    this.#pageSize = accepted;
    this.#pageSizeUntil = now + PAGE_SIZE_MS;
  }

  /** The preset's page size is asked for from now on; the returned function takes that back. */
  tryPageSize(): () => void {
    const before = this.#pageSize;
    this.#pageSize = null;
    return () => {
      this.#pageSize = before;
    };
  }

  areSingleReadsRefused(now: number): boolean {
    return now < this.#singleReadsRefusedUntil;
  }

  singleReadsRefused(now: number): void {
    this.#singleReadsRefusedUntil = now + REFUSED_FOR_MS;
  }
}
