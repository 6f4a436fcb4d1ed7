import { seededRandom } from '../../src/base/random.ts';
import type { ItemsSnapshot } from '../../src/state/environment-state.ts';
import { apiError } from '../support/api-errors.ts';
import type { FakeListOptions } from '../support/fake-work-list.ts';
import { ListReader } from './list-reader.ts';
import { ListWorld } from './list-world.ts';

/** From one read to the next. */
export const INTERVAL = 30_000;
const READS = 40;

/** A list and what befalls its reads. */
export interface ListCase extends FakeListOptions {
  readonly seed: number;
  readonly limit: number;
  readonly pages: number;
  /** Share of requests that fail, where failures are part of the case. */
  readonly failing: number;
}

/** One read that ended well, and what was shown before it. */
export interface Look {
  readonly world: ListWorld;
  readonly reader: ListReader;
  readonly startedAt: number;
  /** When the last good read before this one ended. */
  readonly lastGoodAt: number;
  readonly before: ItemsSnapshot | null;
  readonly shown: ItemsSnapshot;
  /** When the full scans ended that have ended so far. */
  readonly fullScans: readonly number[];
  /** Everything created until then was met before this read. */
  readonly metUntil: number;
  readonly requests: number;
  readonly scanned: number;
  /** The list could be followed by its order all through this read. */
  readonly ordered: boolean;
}

/** Reads a random history again and again, and has each read that ends well checked. */
export async function watchList(
  { seed, limit, pages, failing, ...options }: ListCase,
  check: (look: Look) => void,
): Promise<void> {
  const world = new ListWorld({ ...options, seed, stopped: limit * pages, maxPageSize: limit });
  const fails = seededRandom(seed + 1);
  const live = world.list.before;
  world.list.before = (request) => {
    live(request);
    if (fails() < failing) throw apiError('server_error', { httpStatus: 500 });
  };
  const connection = { pageSize: limit, fallbackPageSize: limit };
  const reader = new ListReader({ api: world.list, clock: world.clock, connection });
  let lastGoodAt = 0;
  const fullScans: number[] = [];
  for (let n = 0; n < READS; n++) {
    const { items: before } = reader.state;
    const startedAt = world.clock.now();
    const { rescans, order, highWaterMark } = reader.scanState;
    const [lastRescan, fullScanRequests] = [rescans.last, reader.scanState.fullScans.requests];
    const { metUntil } = highWaterMark;
    const asked = world.list.requests.length;
    const { failure } = await reader.read();
    if (failure === null) {
      const { last: lastFullScan } = reader.scanState.fullScans;
      if (lastFullScan !== null && lastFullScan.endedAt !== fullScans.at(-1)) fullScans.push(lastFullScan.endedAt);
      check({
        world,
        reader,
        startedAt,
        lastGoodAt,
        before,
        shown: reader.state.items!,
        fullScans,
        metUntil,
        requests: world.list.requests.length - asked,
        scanned: reader.scanState.fullScans.requests - fullScanRequests,
        ordered: order.value !== 'none' && rescans.reason === null && rescans.last === lastRescan,
      });
      lastGoodAt = world.clock.now();
    }
    world.live();
    await world.clock.advance(INTERVAL);
  }
}
