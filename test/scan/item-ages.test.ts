import { expect, it } from 'vitest';
import { apiError } from '../support/api-errors.ts';
import { expectShownInTime, LIMIT, MINUTE, SECOND, type Situation, World } from './item-ages.ts';

const SITUATIONS: readonly (Situation & { readonly when: string })[] = [
  { when: 'nothing happens' },
  { when: 'nothing happens and a full scan may take 15 minutes', fullMs: 15 * MINUTE },
  { when: 'nothing happens and scans are a fifth of the time apart', everyMs: MINUTE },
  { when: 'nothing happens and scans are half of the time apart', everyMs: 150 * SECOND, pages: 30 },

  { when: 'a few items come with each scan', betweenScans: (world) => world.arrive(3) },
  { when: 'a page of items comes with each scan', betweenScans: (world) => world.arrive(LIMIT) },
  {
    when: 'items come between requests',
    beforeAnswer(world) {
      if (world.random() < 0.3) world.arrive(1);
    },
  },
  { when: 'items come at the end of the list', order: 'oldest', betweenScans: (world) => world.arrive(7) },
  {
    when: 'more items come at once than one scan reads',
    betweenScans(world) {
      if (world.scan % 25 === 20) world.arrive(35 * LIMIT);
    },
  },
  {
    when: 'more items come at once than one scan reads, and cursors count rows',
    cursors: 'offset',
    betweenScans(world) {
      if (world.scan % 25 === 20) world.arrive(35 * LIMIT);
    },
  },
  {
    when: 'more items come at once than a full scan has read, and cursors count rows',
    cursors: 'offset',
    pages: 12,
    betweenScans(world) {
      const { current } = world.reader.scanState.fullScans;
      if (current !== null && current.pages < 8) world.arrive((current.pages + 3) * LIMIT);
    },
  },
  {
    when: 'a list of a few pages grows tenfold within a minute',
    pages: 6,
    betweenScans(world) {
      if (world.scan === 40 || world.scan === 41) world.arrive(30 * LIMIT);
    },
  },
  {
    when: 'items become visible long after their creation',
    betweenScans: (world) => world.arrive(5, world.random() * 1000 * MINUTE),
  },

  {
    when: 'old items wake up and end again',
    betweenScans(world) {
      const { list, clock } = world;
      for (const { id, state } of list.items()) {
        if (state === 'queued') list.change(id, { state: 'stopped', stoppedAt: clock.now() });
      }
      for (const id of world.any(3)) list.change(id, { state: 'queued', startedAt: clock.now(), stoppedAt: null });
    },
  },
  {
    when: 'the stats make it read the whole list at any time',
    betweenScans(world) {
      world.arrive(3);
      world.clock.advanceNow(SECOND);
      world.reader.showStats({ depth: world.scan % 17 < 4 ? world.scan : 0 });
    },
  },

  {
    when: 'the first full scan takes minutes',
    beforeAnswer: (world) => world.clock.advanceNow(world.scan === 0 ? 2 * SECOND : 20),
  },
  {
    when: 'answers take a while and items come',
    beforeAnswer(world) {
      world.clock.advanceNow(200);
      if (world.random() < 0.3) world.arrive(1);
    },
  },
  {
    when: 'cursors are accepted only by the scan that was given them',
    betweenScans: (world) => world.arrive(3),
    beforeAnswer(world, page) {
      if (page !== null && !world.list.cursors.has(page)) throw apiError('client_error', { httpStatus: 400 });
    },
  },
  {
    when: 'requests fail, a scan or two later',
    betweenScans: (world) => world.arrive(3),
    beforeAnswer(world) {
      if (world.random() < 0.01) throw apiError('server_error', { httpStatus: 500 });
    },
    lateMs: 66 * SECOND,
  },
];

it.each(SITUATIONS)('shows each item again within full_list_interval where $when', expectShownInTime);

it('reads not much more than its share in one scan, also where slow answers make a full scan take all of the time', async () => {
  const world = new World({ beforeAnswer: ({ clock }) => clock.advanceNow(2500) });
  await world.run();
  // A fifth of the pages, and those that another interval and a half would make too old.
  expect(world.mostRequests).toBeLessThanOrEqual(1 + 20 + 45_000 / 2500);
});
