import { expect, it } from 'vitest';
import { RecentIds } from '../../src/client/recent-ids.ts';

it.each([1, 16, 20, 128])('at least the last %d ids are remembered, not many more, and no other', (least) => {
  const all = Array.from({ length: 500 }, (_, n) => `req_${n}`);
  let ids = new RecentIds(least);
  for (const [n, id] of all.entries()) {
    ids = ids.with(id);
    const known = all.filter((one) => ids.has(one));
    expect(known).toEqual(all.slice(n + 1 - known.length, n + 1));
    expect(known.length).toBeGreaterThanOrEqual(Math.min(least, n + 1));
    expect(known.length).toBeLessThanOrEqual(least + 32);
  }
});
