import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { liveById } from '../support/states.ts';
import { FULL, INTERVAL } from './read-list.ts';
import { type ListCase, type Look, watchList } from './watched-list.ts';

const RUNS = { numRuns: 50 };
const READS = 40;
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
  cursorsExpireMs: fc.constantFrom(undefined, undefined, 20_000),
});

type Promises = Readonly<Record<string, (look: Look) => void>>;

/** What holds for every read that ends well, whatever fails between them. */
const ALWAYS: Promises = {
  'shows every item as it was at the time at which it says that it saw it'({ world, shown }) {
    for (const { item, observedAt } of shown.live) {
      demand(world.stateAt(item.id, observedAt) === item.state, item.id);
    }
  },

  'meets a live item again or leaves the time at which it was seen as it was'({ before, shown, lastGoodAt }) {
    const known = before && liveById(before);
    for (const { item, observedAt } of shown.live) {
      const knownAt = known?.get(item.id)?.observedAt;
      // What a failed read saw comes with the next good one.
      if (observedAt !== knownAt) demand(observedAt > lastGoodAt, item.id);
      if (knownAt !== undefined) demand(observedAt >= knownAt, item.id);
    }
  },

  'lets no item that lives disappear, whatever a full scan over several pages did not meet'(look) {
    const { world, before, shown, fullScans } = look;
    const live = liveById(shown);
    for (const [id, { observedAt }] of before ? liveById(before) : []) {
      // A failed read may have seen it end; then it is a revived one.
      if ((world.revivedAt.get(id) ?? 0) > observedAt) continue;
      // Two full scans that missed it in a row are proof enough: where cursors count items, both may do so wrongly.
      if (live.has(id) || fullScans.filter((endedAt) => endedAt > observedAt).length >= 2) continue;
      demand(['stopped', 'gone', undefined].includes(world.stateAt(id, world.clock.now())), id);
    }
  },
};

/** What holds as long as every request succeeds. */
const UNDISTURBED: Promises = {
  ...ALWAYS,

  'shows each new item at once where the newest come first'({ world, shown, startedAt }) {
    if (shown.mode !== 'newest' || world.list.options.order !== 'newest') return;
    const live = liveById(shown);
    for (const { id, state } of world.list.items()) {
      const since = world.visibleFrom.get(id);
      if (since === undefined || since > startedAt || state === 'stopped' || world.revivedAt.has(id)) continue;
      demand(live.has(id), `${id} is live and not shown`);
    }
  },

  'shows everything that lives within the full interval, revived items and lists without an order included'(look) {
    const { world, shown, startedAt } = look;
    const live = liveById(shown);
    const { order, cursors } = world.list.options;
    // Old ones that leave may draw the rest forward under a full scan: what stands at the border of two pages then is met
    // by the next one.
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
      const { at, state } = world.history.get(item.id)!.at(-1)!;
      if (state === 'gone' || state === 'stopped') demand(at > startedAt - 3 * FULL, `${item.id} is a ghost`);
    }
  },

  'learns the order'({ world, shown }) {
    const { order } = world.list.options;
    if (shown.mode !== 'whole' && order !== 'none') demand(shown.mode === order, shown.mode);
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
  it('keeps all that docs/design/README.md#lists promises', async () => {
    const kept = async (options: ListCase) => {
      let promise = '';
      try {
        await watchList(fails ? options : { ...options, failing: 0 }, READS, (look) => {
          for (promise of Object.keys(promises)) promises[promise]!(look);
        });
      } catch (error) {
        throw new Error(`no read ${promise}`, { cause: error });
      }
    };
    await fc.assert(fc.asyncProperty(anyCase, kept), { ...RUNS, examples: CASES.map((one): [ListCase] => [one]) });
  });
});
