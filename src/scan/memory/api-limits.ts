/** How long a smaller page size is considered necessary. */
const PAGE_SIZE_MS = 86_400_000;
/** A key that may not read single items is a matter of configuration, which people may change. */
const REFUSED_FOR_MS = 3_600_000;

/** What the API recently did not accept. Times are monotonic. */
export class ApiLimits {
  #pageSize: number | null = null;
  #pageSizeUntil = 0;
  #singleReadsRefusedUntil = 0;

  /** Items per page, if the preset's number was rejected; otherwise null. */
  get pageSize(): number | null {
    return this.#pageSize;
  }

  /** Whether the smaller page size was used for so long that the preset's may be accepted by now. */
  isPageSizeOld(now: number): boolean {
    return this.#pageSize !== null && this.#pageSizeUntil <= now;
  }

  pageSizeRejected(accepted: number, now: number): void {
    this.#pageSize = accepted;
    this.#pageSizeUntil = now + PAGE_SIZE_MS;
  }

  /** Uses the preset's page size from now on; the returned function reverts that. */
  tryPageSize(): () => void {
    const before = this.#pageSize;
    this.#pageSize = null;
    return () => {
      this.#pageSize = before;
    };
  }

  /** Another server is asked, or another key is used: everything that was rejected is tried once more. */
  recheck(): void {
    this.#pageSizeUntil = Number.NEGATIVE_INFINITY;
    this.#singleReadsRefusedUntil = Number.NEGATIVE_INFINITY;
  }

  areSingleReadsRefused(now: number): boolean {
    return now < this.#singleReadsRefusedUntil;
  }

  singleReadsRefused(now: number): void {
    this.#singleReadsRefusedUntil = now + REFUSED_FOR_MS;
  }
}
