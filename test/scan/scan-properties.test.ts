import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { liveById } from '../support/live-by-id.ts';
import { INTERVAL, type ListCase, type Look, watchList } from './watched-list.ts';

const MINUTE = 60_000;
/** `full_list_interval` of the test's environment. */
const FULL = 300_000;
const RUNS = { numRuns: 50 };
/** Cases that once failed. */
const CASES: readonly ListCase[] = [
  // A page that failed three times was read when more items than it holds had come.
  {
    order: 'newest',
    cursors: 'offset',
    retrieve: true,
    seed: 657802955,
    limit: 20,
    pages: 11,
    failing: 0.1,
  },
];

/** Every order, kind of cursor, page size and length of the list, short ones included. */
const anyCase: fc.Arbitrary<ListCase> = fc.record({
  order: fc.constantFrom('newest' as const, 'oldest' as const, 'none' as const),
  cursors: fc.constantFrom('keyset' as const, 'offset' as const),
  retrieve: fc.boolean(),
  seed: fc.nat(),
  limit: fc.constantFrom(20, 37, 100),
  pages: fc.integer({ min: 3, max: 25 }),
  failing: fc.constantFrom(0.02, 0.1),
});

type Promises = Readonly<Record<string, (look: Look) => void>>;

/** What holds for every read that ends well, whatever fails between them. */
const ALWAYS: Promises = {
  'shows every item as it was at the time at which it says that it saw it'({ world, shown }) {
    for (const observed of shown.live) {
      const { id, state } = observed.item;
      demand(world.stateAt(id, observed.observedAt) === state, id);
    }
  },

  'meets a live item again or leaves the time at which it was seen as it was'({ before, shown, lastGoodAt }) {
    const known = before && liveById(before);
    for (const observed of shown.live) {
      const { id } = observed.item;
      const observedAt = observed.observedAt;
      const was = known?.get(id);
      const knownAt = was?.observedAt;
      // What a failed read saw comes with the next good one.
      if (observedAt !== knownAt) demand(observedAt > lastGoodAt, id);
      if (knownAt !== undefined) demand(observedAt >= knownAt, id);
    }
  },

  'lets no item that lives disappear, whatever a full scan over several pages did not meet'(look) {
    const { world, before, shown, fullScans } = look;
    const live = liveById(shown);
    for (const [id, was] of before ? liveById(before) : []) {
      const observedAt = was.observedAt;
      // A failed read may have seen it end; then it is a revived one.
      if ((world.revivedAt.get(id) ?? 0) > observedAt) continue;
      // Two full scans that missed it in a row are proof enough: where cursors count items, both may do so wrongly.
      if (live.has(id) || fullScans.filter((endedAt) => endedAt > observedAt).length >= 2) continue;
      demand(['stopped', 'gone', undefined].includes(world.stateAt(id, world.clock.now())), id);
    }
  },

  'shows each new item at once where the list has an order'({ world, shown, startedAt, ordered }) {
    if (!ordered) return;
    const live = liveById(shown);
    for (const { id, state } of world.list.items()) {
      const since = world.visibleFrom.get(id);
      if (since === undefined || since > startedAt || state === 'stopped' || world.revivedAt.has(id)) continue;
      demand(live.has(id), `${id} is live and not shown`);
    }
  },

  'takes no list that has an order for one without'({ world, reader }) {
    const { order, rescans } = reader.scanState;
    // Three reasons to rescan end an order, too.
    if (world.list.options.order === 'none' || order.value === 'unknown' || rescans.last !== null) return;
    demand(order.value === world.list.options.order, order.value);
  },
};

/** What holds as long as every request succeeds. */
const UNDISTURBED: Promises = {
  ...ALWAYS,

  'shows everything that lives within the full interval, revived items and lists without an order included'(look) {
    const { world, shown, startedAt } = look;
    const live = liveById(shown);
    const { order, cursors } = world.list.options;
    // Where cursors count items, old ones that leave draw the rest forward under a full scan that is spread over reads: what
    // stands at the border of two pages then may be missed by that full scan, and is met by the next.
    const drawn = order !== 'newest' && cursors === 'offset';
    const within = (drawn ? 2 : 1) * FULL + INTERVAL;
    for (const { id, state } of world.list.items()) {
      const since = world.revivedAt.get(id) ?? world.visibleFrom.get(id) ?? 0;
      if (state === 'stopped' || since > startedAt - within) continue;
      demand(live.has(id), `${id} is live and not shown`);
    }
  },

  'shows no item for long that is no more'({ world, shown, startedAt }) {
    for (const { item } of shown.live) {
      const { id } = item;
      const { at, state } = world.history.get(id)!.at(-1)!;
      if (state !== 'gone' && state !== 'stopped') continue;
      demand(at > startedAt - 2 * FULL, `${id} is a ghost`);
    }
  },

  'asks for 1 + new / limit + 3 pages at the most, full scans apart'(look) {
    const { world, reader, requests, scanned, metUntil } = look;
    const { last: lastFullScan } = reader.scanState.fullScans;
    // A short list is read whole.
    if (lastFullScan === null || lastFullScan.pages <= 3) return;
    const limit = world.list.options.maxPageSize!;
    // Those of the minute before are read again for late commits.
    const recent = world.list.items().filter(({ createdAt }) => createdAt! > metUntil - MINUTE).length;
    demand(requests - scanned <= 1 + Math.ceil(recent / limit) + 3, `${requests - scanned} requests`);
  },
};

/** Quicker than an `expect` for each item of each read. */
function demand(holds: boolean, what: string): void {
  if (!holds) expect.fail(what);
}

describe.each([
  { when: 'while requests fail', promises: ALWAYS, fails: true },
  { when: 'while every request succeeds', promises: UNDISTURBED, fails: false },
])('a read of the list $when, over random histories', ({ promises, fails }) => {
  it('keeps all that docs/design/list-scan.md promises', async () => {
    const kept = async (options: ListCase) => {
      let promise = '';
      try {
        await watchList(fails ? options : { ...options, failing: 0 }, (look) => {
          for (promise of Object.keys(promises)) promises[promise]!(look);
        });
      } catch (error) {
        throw new Error(`no read ${promise}`, { cause: error });
      }
    };
    await fc.assert(fc.asyncProperty(anyCase, kept), { ...RUNS, examples: CASES.map((one): [ListCase] => [one]) });
  });
});
