import { expect, it } from 'vitest';
import { listed } from '../../src/base/listed.ts';

const KINDS = { and: 'conjunction', or: 'disjunction' } as const;

it.each(['and', 'or'] as const)('lists words with %s as Intl.ListFormat does', (link) => {
  const reference = new Intl.ListFormat('en-GB', { type: KINDS[link] });
  const words = ['depth', 'pending', 'stale heartbeats', 'x, y'];
  for (let count = 0; count <= words.length; count++) {
    const some = words.slice(0, count);
    expect(listed(some, link)).toBe(reference.format(some));
  }
});
