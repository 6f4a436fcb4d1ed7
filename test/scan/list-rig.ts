import { expect } from 'vitest';
import type { ScanPermits } from '../../src/scan/steps/scan-request.ts';
import { apiError } from '../support/api-errors.ts';
import { type FakeListOptions, FakeWorkList } from '../support/fake-work-list.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ListReader, type ListReaderOptions } from './list-reader.ts';

export const MINUTE = 60_000;
/** Items of a page, unless told otherwise. */
export const LIMIT = 10;

/** A list of stopped items, one a minute, and somebody who reads it every 30 s. */
export class ListRig {
  readonly clock = new ManualClock();
  list!: FakeWorkList;
  reader!: ListReader;
  /** Permits that the reads find. Who has to wait for one waits forever. */
  permits = Number.POSITIVE_INFINITY;

  /** Makes the list, with `limit` items a page, and its reader. */
  given(
    { stopped, limit = LIMIT, ...options }: Partial<FakeListOptions> & { stopped: number; limit?: number },
    change: Partial<ListReaderOptions> = {},
    List: new (options: FakeListOptions) => FakeWorkList = FakeWorkList,
  ): void {
    this.list = new List({ order: 'newest', cursors: 'keyset', ...options });
    for (let i = stopped; i > 0; i--) {
      const at = this.clock.now() - i * MINUTE - 3_600_000;
      this.list.add(at, { state: 'stopped', acknowledgedAt: at + 1000, stoppedAt: at + 30_000 });
    }
    const connection = { pageSize: limit, fallbackPageSize: limit, ...change.connection };
    const permits: ScanPermits = {
      tryTake: () => this.permits-- > 0,
      take: () => (this.permits-- > 0 ? Promise.resolve() : new Promise(() => {})),
    };
    this.reader = new ListReader({ api: this.list, clock: this.clock, permits, ...change, connection });
  }

  /** The requests of one read, 30 s after the last. */
  async read(): Promise<FakeWorkList['requests']> {
    await this.clock.advance(30_000);
    const before = this.list.requests.length;
    const { failure } = await this.reader.read();
    expect(failure).toBeNull();
    return this.list.requests.slice(before);
  }

  /** How many requests each of so many reads takes. */
  async readTimes(count: number): Promise<number[]> {
    const costs: number[] = [];
    for (let n = 0; n < count; n++) costs.push((await this.read()).length);
    return costs;
  }

  /** A read that fails at its nth request. */
  async readWithFailure(nth: number, error: Error = apiError('server_error', { httpStatus: 500 })) {
    await this.clock.advance(30_000);
    const before = this.list.requests.length;
    let seen = 0;
    this.list.before = () => {
      if (++seen >= nth) throw error;
    };
    const { failure } = await this.reader.read();
    this.list.before = () => {};
    return { failure, requests: this.list.requests.slice(before) };
  }
}
