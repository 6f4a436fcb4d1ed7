import { seededRandom } from '../../src/base/clock.ts';
import type { ItemsSnapshot } from '../../src/state/environment-state.ts';
import type { FakeListOptions } from '../support/fake-work-list.ts';
import { apiError } from '../support/scripted-work-api.ts';
import { ListWorld } from './list-world.ts';
import { INTERVAL, ReadList } from './read-list.ts';

/** A list and what befalls its reads. */
export interface ListCase extends FakeListOptions {
  readonly seed: number;
  readonly limit: number;
  readonly pages: number;
  /** Share of requests that fail. */
  readonly failing: number;
  /** Cursors are rejected this long after they were given; absent: never. */
  readonly cursorsExpireMs?: number | undefined;
}

/** One read that ended well, and what was shown before it. */
export interface Look {
  readonly world: ListWorld;
  readonly startedAt: number;
  /** When the last good read before this one ended. */
  readonly lastGoodAt: number;
  readonly before: ItemsSnapshot | null;
  readonly shown: ItemsSnapshot;
  /** When the full scans ended that have ended so far. */
  readonly fullScans: readonly number[];
}

/** Reads a random history again and again, and has each read that ends well checked. */
export async function watchList(
  { seed, limit, pages, failing, cursorsExpireMs, ...options }: ListCase,
  reads: number,
  check: (look: Look) => void,
): Promise<void> {
  const world = new ListWorld({ ...options, seed, stopped: limit * pages, maxPageSize: limit });
  const fails = seededRandom(seed + 1);
  const live = world.list.before;
  world.list.before = (request) => {
    live(request);
    if (fails() < failing) throw apiError('server_error', { httpStatus: 500 });
  };
  if (cursorsExpireMs !== undefined) expireCursors(world, cursorsExpireMs);
  const connection = { pageSize: limit, fallbackPageSize: limit };
  const read = new ReadList({ list: world.list, clock: world.clock, connection });
  let lastGoodAt = 0;
  const fullScans: number[] = [];
  for (let n = 0; n < reads; n++) {
    const { items: before } = read.state;
    const startedAt = world.clock.now();
    if ((await read.look()) === null) {
      const shown = read.state.items!;
      const { lastFullRead } = shown;
      if (lastFullRead !== null && lastFullRead.at !== fullScans.at(-1)) fullScans.push(lastFullRead.at);
      check({ world, startedAt, lastGoodAt, before, shown, fullScans });
      lastGoodAt = world.clock.now();
    }
    world.live();
    await world.clock.advance(INTERVAL);
  }
}

/** Rejects a cursor that was not given lately. */
function expireCursors({ list, clock }: ListWorld, afterMs: number): void {
  const given = new Map<string, number>();
  const listPage = list.listPage.bind(list);
  list.listPage = async (id, request) => {
    const at = request.page === null ? clock.now() : (given.get(request.page) ?? 0);
    if (clock.now() - at > afterMs) throw apiError('client_error', { httpStatus: 400 });
    const reply = await listPage(id, request);
    if (reply.value.nextPage !== null) given.set(reply.value.nextPage, clock.now());
    return reply;
  };
}
