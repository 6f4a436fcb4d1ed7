import { describe, expect, it } from 'vitest';
import { differenceOf, newApiKeys } from '../../../src/app/fleet/fleet-difference.ts';
import { Secret } from '../../../src/base/secret.ts';
import type { FleetMember } from '../../../src/discovery/fleet.ts';
import { buildEnvironment } from '../../support/states.ts';

function member(id: string, key: string | null = null, name = id): FleetMember {
  const environmentKey = key === null ? null : new Secret(key, `file of ${id}`);
  return { environment: buildEnvironment(id, { name }), environmentKey, environmentKeyExpires: null };
}

const NONE = { added: [], removed: [], changed: [], unchanged: 0, newKeys: [], lostKeys: [] };

describe('what happened to environments between two fleets', () => {
  it.each<[string, FleetMember[], FleetMember[], object]>([
    ['there are none', [], [], {}],
    ['one comes', [], [member('a')], { added: ['a'] }],
    ['one goes', [member('a')], [], { removed: ['a'] }],
    ['one stays without a key', [member('a')], [member('a')], { unchanged: 1 }],
    ['one stays with its key, read anew', [member('a', 'k')], [member('a', 'k')], { unchanged: 1 }],
    ['one has another name', [member('a')], [member('a', null, 'b')], { changed: ['a'] }],
    ['one gets a key', [member('a')], [member('a', 'k')], { changed: ['a'], newKeys: ['a'] }],
    ['one has another key', [member('a', 'k')], [member('a', 'l')], { changed: ['a'], newKeys: ['a'] }],
    ['one has no key any more', [member('a', 'k')], [member('a')], { changed: ['a'], lostKeys: ['a'] }],
    ['one comes with a key, which is no new key', [], [member('a', 'k')], { added: ['a'] }],
    [
      'each of them at once',
      [member('stays'), member('goes', 'k'), member('changes', 'k')],
      [member('comes'), member('changes', 'l'), member('stays')],
      { added: ['comes'], removed: ['goes'], changed: ['changes'], newKeys: ['changes'], unchanged: 1 },
    ],
  ])('%s', (_, before, after, difference) => {
    expect(differenceOf(before, after)).toEqual({ ...NONE, ...difference });
  });
});

describe('connections whose API key is another one', () => {
  const config = (keys: Readonly<Record<string, string | null>>) =>
    ({
      connections: Object.entries(keys).map(([name, key]) => ({
        name,
        apiKey: key === null ? null : new Secret(key, 'a file'),
      })),
    }) as unknown as Parameters<typeof newApiKeys>[0];

  it.each([
    ['the same key, read anew', { a: 'k' }, { a: 'k' }, []],
    ['another key', { a: 'k', b: 'k' }, { a: 'l', b: 'k' }, ['a']],
    ['its first key', { a: null }, { a: 'k' }, ['a']],
    ['no key any more', { a: 'k' }, { a: null }, []],
    ['a connection that is new', {}, { a: 'k' }, []],
  ])('%s', (_, before, after, names) => {
    expect(newApiKeys(config(before), config(after))).toEqual(names);
  });
});
