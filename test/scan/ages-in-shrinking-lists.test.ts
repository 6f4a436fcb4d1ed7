import { it } from 'vitest';
import { expectShownInTime, LIMIT, MINUTE, type Situation } from './item-ages.ts';

const SITUATIONS: readonly (Situation & { readonly when: string })[] = [
  { when: 'items vanish between scans', betweenScans: (world) => world.list.remove(world.any(5)) },
  { when: 'items vanish between requests', beforeAnswer: (world) => world.list.remove(world.any(1)) },
  {
    when: 'the row at the end of each page vanishes',
    betweenScans(world) {
      const ids = world.list.items().map(({ id }) => id);
      if (world.scan % 10 === 5) world.list.remove(ids.reverse().filter((_, place) => place % LIMIT === LIMIT - 1));
    },
  },
  {
    when: 'old items are removed as fast as new ones come',
    betweenScans(world) {
      world.arrive(7);
      world.removeOldest(7);
    },
  },
  {
    when: 'old items are removed from the start of the list as fast as new ones come at its end',
    order: 'oldest',
    betweenScans(world) {
      world.arrive(7);
      world.removeOldest(7);
    },
  },
  {
    when: 'most of the list is removed at once',
    betweenScans(world) {
      if (world.scan === 40) world.removeOldest(70 * LIMIT);
    },
  },

  { when: 'hundreds of items were created at once', ageMs: (n) => Math.floor(n / 300 + 60) * MINUTE },
  {
    when: 'hundreds of items were created at once, others come and some vanish',
    ageMs: (n) => Math.floor(n / 300 + 60) * MINUTE,
    betweenScans(world) {
      world.arrive(9);
      world.list.remove(world.any(5));
    },
  },
];

it.each(SITUATIONS)('shows each item again within full_list_interval where $when', expectShownInTime);
