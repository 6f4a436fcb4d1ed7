import { expect } from 'vitest';
import { apiError } from '../support/api-errors.ts';
import { type FakeListOptions, FakeWorkList } from '../support/fake-work-list.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ListReader, type ListReaderOptions } from './list-reader.ts';

export const MINUTE = 60_000;

/** A list of stopped items, one a minute, and somebody who reads it every 30 s. */
export class ListRig {
  readonly clock = new ManualClock();
  list!: FakeWorkList;
  reader!: ListReader;

  /** Makes the list, with `limit` items a page, and its reader. */
  given(
    { stopped, limit = 10, ...options }: Partial<FakeListOptions> & { stopped: number; limit?: number },
    change: Partial<ListReaderOptions> = {},
  ): void {
    this.list = new FakeWorkList({ order: 'newest', cursors: 'keyset', ...options });
    for (let i = stopped; i > 0; i--) {
      const at = this.clock.now() - i * MINUTE - 3_600_000;
      this.list.add(at, { state: 'stopped', acknowledgedAt: at + 1000, stoppedAt: at + 30_000 });
    }
    const connection = { pageSize: limit, fallbackPageSize: limit, ...change.connection };
    this.reader = new ListReader({ api: this.list, clock: this.clock, ...change, connection });
  }

  /** The requests of one read, 30 s after the last. */
  async read(): Promise<FakeWorkList['requests']> {
    await this.clock.advance(30_000);
    const before = this.list.requests.length;
    const { failure } = await this.reader.read();
    expect(failure).toBeNull();
    return this.list.requests.slice(before);
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
