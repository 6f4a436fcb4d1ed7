import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RemoteEnvironment } from '../../src/client/work-api.ts';
import {
  type ConnectionChoice,
  type FreeCapacity,
  selectWithinLimits,
  wantedEnvironments,
} from '../../src/discovery/select.ts';

function remote(id: string, change: Partial<RemoteEnvironment> = {}): RemoteEnvironment {
  return { id, name: id.replace('env_', ''), configType: 'self_hosted', archived: false, ...change };
}

const all = { include: ['*'], exclude: [] };
const ids = (environments: readonly RemoteEnvironment[]) => environments.map(({ id }) => id);

describe('wantedEnvironments', () => {
  it('are self-hosted and not configured by hand, archived ones included', () => {
    const found = [
      remote('env_a'),
      remote('env_b', { configType: 'cloud' }),
      remote('env_c', { archived: true }),
      remote('env_d'),
    ];
    expect(ids(wantedEnvironments(found, all, new Set(['env_d'])))).toEqual(['env_a', 'env_c']);
  });

  it('match globs on name and on id, and exclusion wins', () => {
    const found = [remote('env_1', { name: 'team-a/prod' }), remote('env_2', { name: 'team-b' }), remote('env_3')];
    const pick = (include: string[], exclude: string[] = []) =>
      ids(wantedEnvironments(found, { include, exclude }, new Set()));
    expect(pick(['team-*/*'])).toEqual(['env_1']);
    expect(pick(['env_[23]'])).toEqual(['env_2', 'env_3']);
    expect(pick(['*', 'team-a/*'], ['env_3'])).toEqual(['env_1', 'env_2']);
    expect(pick(['env_2'], ['team-b'])).toEqual([]);
  });
});

describe('selectWithinLimits', () => {
  interface FoundThroughConnection extends ConnectionChoice {
    readonly id: string;
  }
  const candidate = (id: string, createdAt: number | null = null, connection = 'default', requestsPerMinute = 1) => ({
    remote: remote(id, { createdAt }),
    choices: [{ connection, requestsPerMinute, id }] as [FoundThroughConnection, ...FoundThroughConnection[]],
    isOwn: true,
  });
  const room = (change: Partial<FreeCapacity> = {}): FreeCapacity => ({
    maxEnvironments: 500,
    capacity: new Map([
      ['default', 1000],
      ['other', 1000],
    ]),
    watched: new Map(),
    ...change,
  });
  const picked = (candidates: ReturnType<typeof candidate>[], change: Partial<FreeCapacity>) => {
    const { fit, dropped } = selectWithinLimits(candidates, room(change));
    return { fit: fit.map(({ id }) => id), dropped: dropped.length };
  };

  it.each<[what: string, candidates: ReturnType<typeof candidate>[], change: Partial<FreeCapacity>, fit: string[]]>([
    ['ties: always the same', [candidate('c'), candidate('a'), candidate('b')], { maxEnvironments: 2 }, ['a', 'b']],
    [
      'the newest is dropped',
      [candidate('new', 3), candidate('b', 2), candidate('a', 1)],
      { maxEnvironments: 2 },
      ['a', 'b'],
    ],
    ['one without a date is new', [candidate('a'), candidate('b', 9)], { maxEnvironments: 1 }, ['b']],
    [
      'a watched one stays, although older ones come',
      [candidate('old', 1), candidate('watched', 9)],
      { maxEnvironments: 1, watched: new Map([['watched', 'default']]) },
      ['watched'],
    ],
    [
      'a watched one of another connection stays, too',
      [candidate('old', 1), candidate('watched', 9, 'other')],
      { maxEnvironments: 1, watched: new Map([['watched', 'other']]) },
      ['watched'],
    ],
    [
      'of watched ones a lower limit drops the newest',
      [candidate('b', 2), candidate('a', 1)],
      {
        maxEnvironments: 1,
        watched: new Map([
          ['a', 'default'],
          ['b', 'default'],
        ]),
      },
      ['a'],
    ],
    [
      'what is over the budget is dropped, and a smaller one fits',
      [candidate('a', 1, 'default', 6), candidate('b', 2, 'default', 6), candidate('c', 3, 'default', 4)],
      { capacity: new Map([['default', 10]]) },
      ['a', 'c'],
    ],
    [
      'the budget of one connection is not that of another',
      [candidate('a', 1, 'default', 6), candidate('b', 2, 'other', 6)],
      {
        capacity: new Map([
          ['default', 1],
          ['other', 10],
        ]),
      },
      ['b'],
    ],
    [
      'a watched one stays over the budget',
      [candidate('a', 1, 'default', 6), candidate('b', 2, 'default', 6)],
      { capacity: new Map([['default', 1]]), watched: new Map([['b', 'default']]) },
      ['b'],
    ],
  ])('keeps to the room there is: %s', (_, candidates, change, fit) => {
    expect(picked(candidates, change)).toEqual({ fit, dropped: candidates.length - fit.length });
  });

  describe('of two connections that find the same', () => {
    const found = (id: string, createdAt: number) => ({
      ...candidate(id, createdAt),
      choices: ['default', 'other'].map((connection) => ({ connection, requestsPerMinute: 6, id })) as [
        FoundThroughConnection,
        FoundThroughConnection,
      ],
    });
    const through = (capacity: Readonly<Record<string, number>>, watched: FreeCapacity['watched'] = new Map()) => {
      const { fit, dropped } = selectWithinLimits(
        ['a', 'b', 'c'].map((id, at) => found(id, at)),
        room({ capacity: new Map(Object.entries(capacity)), watched }),
      );
      return [...fit.map(({ id, connection }) => `${id} ${connection}`), ...dropped.map(({ remote: { id } }) => id)];
    };

    it.each([
      ['the first has room for all', { default: 18, other: 18 }, ['a default', 'b default', 'c default']],
      [
        'the second takes what the first has no room for',
        { default: 7, other: 18 },
        ['a default', 'b other', 'c other'],
      ],
      ['what neither has room for is dropped', { default: 6, other: 11 }, ['a default', 'b other', 'c']],
    ])('%s', (_, capacity, expected) => expect(through(capacity)).toEqual(expected));

    it('one that is watched stays where it is when neither has room any more', () => {
      const watched = new Map([
        ['b', 'other'],
        ['c', 'default'],
      ]);
      expect(through({ default: 0, other: 0 }, watched)).toEqual(['b other', 'c default', 'a']);
    });
  });

  it('never ends the watch over one because others come', () => {
    const one = fc.record({
      id: fc.stringMatching(/^[a-z]{1,4}$/),
      createdAt: fc.option(fc.nat(100)),
      rate: fc.nat(5),
    });
    const many = fc.uniqueArray(one, { selector: ({ id }) => id, maxLength: 20 });
    fc.assert(
      fc.property(many, fc.nat(20), fc.nat(20), fc.nat(60), (found, count, maxEnvironments, capacity) => {
        const candidates = found.map(({ id, createdAt, rate }) => candidate(id, createdAt, 'default', rate));
        const limits = { maxEnvironments, capacity: new Map([['default', capacity]]) };
        const before = picked(candidates.slice(0, count), limits);
        const after = picked(candidates, { ...limits, watched: new Map(before.fit.map((id) => [id, 'default'])) });
        expect(after.fit).toEqual(expect.arrayContaining(before.fit));
        expect(after.fit.length).toBeLessThanOrEqual(maxEnvironments);
        expect(after.fit.length + after.dropped).toBe(candidates.length);
      }),
    );
  });
});
