import { expect, it } from 'vitest';
import { RecentIds } from '../../src/client/recent-ids.ts';

const ids = (count: number) => Array.from({ length: count }, (_, n) => `req_${n}`);

it.each([1, 2, 16, 128])('of many ids, the last %d are known, and none before twice as many', (least) => {
  for (let back = 1; back <= 3 * least; back++) {
    const recent = new RecentIds(least);
    const all = ids(4 * least);
    expect(all.map((id) => recent.add(id))).toEqual(all.map(() => false));
    const isKnown = recent.add(all.at(-back)!);
    if (back <= least) expect(isKnown).toBe(true);
    if (back > 2 * least) expect(isKnown).toBe(false);
  }
});

it('an id that comes again and again takes no place of another', () => {
  const recent = new RecentIds(2);
  expect(['req_a', 'req_b', 'req_b', 'req_b', 'req_b', 'req_a'].map((id) => recent.add(id))).toEqual([
    false,
    false,
    true,
    true,
    true,
    true,
  ]);
});
