import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/base/secret.ts';
import type { RemoteEnvironment } from '../../src/client/work-api.ts';
import { type Circumstances, fleetOf } from '../../src/discovery/selection.ts';
import { shardOf } from '../../src/domain/shard.ts';
import { configOf } from '../config/support.ts';

const IDS = Array.from({ length: 12 }, (_, index) => `env_${index}`);
const NOW: Circumstances = { watched: new Set(), keyOf: () => null, isOver: () => false };

const remote = (id: string, change: Partial<RemoteEnvironment> = {}): RemoteEnvironment => ({
  id,
  name: id,
  configType: 'self_hosted',
  archived: false,
  ...change,
});
const archived = (id: string) => remote(id, { archived: true });
const discovering = (options: object = {}, rest: object = {}) =>
  configOf(JSON.stringify({ api: { api_key: 'k' }, discovery: { enabled: true, ...options }, ...rest }));
const found = (lists: Readonly<Record<string, readonly (string | RemoteEnvironment)[]>>) =>
  new Map(
    Object.entries(lists).map(([name, all]) => [name, all.map((one) => (typeof one === 'string' ? remote(one) : one))]),
  );
const idsOf = ({ members }: ReturnType<typeof fleetOf>) => members.map(({ environment }) => environment.id);

describe('what is watched', () => {
  it.each<[what: string, options: object, all: readonly (string | RemoteEnvironment)[], ids: readonly string[]]>([
    ['all that is self-hosted', {}, ['env_a', remote('env_b', { configType: 'cloud' })], ['env_a']],
    ['by its name', { include: ['team-*/*'] }, [remote('env_a', { name: 'team-a/prod' }), 'env_b'], ['env_a']],
    ['by its id', { include: ['env_?'] }, ['env_12', 'env_2', 'env_3'], ['env_2', 'env_3']],
    ['not what is excluded as well', { include: ['env_1'], exclude: ['one'] }, [remote('env_1', { name: 'one' })], []],
    ['archived, as long as something is left', {}, ['env_a', archived('env_old')], ['env_a', 'env_old']],
    ['ties: always the same', { max_environments: 2 }, ['env_c', 'env_a', 'env_b'], ['env_a', 'env_b']],
    [
      'not the newest beyond the limit',
      { max_environments: 1 },
      [remote('env_a', { createdAt: 2 }), remote('env_b', { createdAt: 1 })],
      ['env_b'],
    ],
    ['one without a date is new', { max_environments: 1 }, ['env_a', remote('env_b', { createdAt: 9 })], ['env_b']],
  ])('%s', async (_, options, all, ids) => {
    expect(idsOf(fleetOf(await discovering(options), found({ default: all }), NOW))).toEqual(ids);
  });

  it('what is configured by hand wins over what is found, and comes first', async () => {
    const config = await discovering({}, { environments: [{ id: 'env_b', name: 'mine' }] });
    const { members } = fleetOf(config, found({ default: ['env_a', 'env_b'] }), NOW);
    expect(members.map(({ environment }) => environment.name)).toEqual(['mine', 'env_a']);
  });

  it('nothing is found with discovery off', async () => {
    const config = await discovering({ enabled: false }, { environments: [{ id: 'env_b' }] });
    expect(idsOf(fleetOf(config, found({ default: ['env_a'] }), NOW))).toEqual(['env_b']);
  });

  it('nobody is dropped because others come', async () => {
    const one = fc.record({ id: fc.stringMatching(/^env_[a-z]{1,4}$/), createdAt: fc.option(fc.nat(100)) });
    const many = fc.uniqueArray(one, { selector: ({ id }) => id, maxLength: 20 });
    const config = await discovering();
    fc.assert(
      fc.property(many, fc.nat(20), fc.integer({ min: 1, max: 20 }), (all, count, maxEnvironments) => {
        const limited = { ...config, discovery: { ...config.discovery, maxEnvironments } };
        const remotes = all.map(({ id, createdAt }) => remote(id, { createdAt }));
        const before = idsOf(fleetOf(limited, new Map([['default', remotes.slice(0, count)]]), NOW));
        const fleet = fleetOf(limited, new Map([['default', remotes]]), { ...NOW, watched: new Set(before) });
        expect(idsOf(fleet)).toEqual(expect.arrayContaining(before));
        expect(fleet.members.length).toBeLessThanOrEqual(maxEnvironments);
        expect(fleet.members.length + fleet.dropped).toBe(all.length);
      }),
    );
  });
});

describe('what is left out', () => {
  it.each<[what: string, options: object, all: readonly (string | RemoteEnvironment)[], left: object]>([
    ['beyond the limit is dropped', { max_environments: 1 }, ['env_a', 'env_b'], { dropped: 1, archivedOf: new Map() }],
    ['drained is archived', {}, ['env_a', archived('env_o')], { dropped: 0, archivedOf: new Map([['default', 1]]) }],
    ['excluded is nothing', { exclude: ['env_b'] }, ['env_a', 'env_b'], { dropped: 0, archivedOf: new Map() }],
  ])('%s', async (_, options, all, left) => {
    const fleet = fleetOf(await discovering(options), found({ default: all }), { ...NOW, isOver: () => true });
    expect(idsOf(fleet)).toEqual(['env_a']);
    expect(fleet).toMatchObject({ ...left, elsewhere: 0 });
    expect([...fleet.droppedOf]).toEqual(fleet.dropped > 0 ? [['default', fleet.dropped]] : []);
  });

  it('an archived environment that no key can read is not begun', async () => {
    const config = await configOf(
      JSON.stringify({
        api: { provider: 'opensdlc', base_url: 'http://o', api_key: 'k' },
        discovery: { enabled: true },
      }),
    );
    const fleet = (key: Secret | null) =>
      idsOf(fleetOf(config, found({ default: [archived('env_old')] }), { ...NOW, keyOf: () => key }));
    expect([fleet(null), fleet(new Secret('k', 'a file'))]).toEqual([[], ['env_old']]);
  });
});

describe('two connections to one workspace', () => {
  const two = (rest: object = {}) =>
    configOf(
      JSON.stringify({
        connections: { one: { api_key: 'k' }, two: { api_key: 'l' } },
        discovery: { enabled: true },
        ...rest,
      }),
    );

  it('the first one that finds an environment reads it, with the key for that place', async () => {
    const lists = found({ two: ['env_a', 'env_b'], one: ['env_a'] });
    const keyOf = (id: string, { name }: { readonly name: string }) => new Secret(`${id} ${name}`, 'a file');
    const { members, wantedOf } = fleetOf(await two(), lists, { ...NOW, keyOf });
    expect(members.map(({ environmentKey }) => environmentKey?.reveal())).toEqual(['env_a one', 'env_b two']);
    expect(Object.fromEntries(wantedOf)).toEqual({ one: 1, two: 2 });
  });

  it('what is over for the one that has no key for it is not counted where the other reads it', async () => {
    const config = await configOf(
      JSON.stringify({
        connections: { one: { provider: 'opensdlc', base_url: 'http://o', api_key: 'k' }, two: { api_key: 'l' } },
        discovery: { enabled: true },
      }),
    );
    const fleet = fleetOf(config, found({ one: [archived('env_a')], two: [archived('env_a')] }), NOW);
    expect([idsOf(fleet), fleet.archivedOf.size]).toEqual([['env_a'], 0]);
  });
});

describe('shards', () => {
  it.each([0, 1, 2])('%i of 3 has its own environments, and counts those of the others', async (index) => {
    const environments = IDS.slice(0, 4).map((id) => ({ id }));
    const rest = { api: { api_key: 'k', requests_per_minute: 2000 }, environments, shard: `${index}/3` };
    const fleet = fleetOf(await discovering({}, rest), found({ default: IDS }), NOW);
    const own = IDS.filter((id) => shardOf(id, 3) === index);
    expect(idsOf(fleet).toSorted()).toEqual(own.toSorted());
    expect(fleet).toMatchObject({ elsewhere: IDS.length - own.length, dropped: 0, archivedOf: new Map() });
  });

  it('share one limit', async () => {
    const watched = [0, 1, 2].map(async (index) =>
      idsOf(fleetOf(await discovering({ max_environments: 5 }, { shard: `${index}/3` }), found({ default: IDS }), NOW)),
    );
    expect((await Promise.all(watched)).flat()).toHaveLength(5);
  });

  it('count what is archived where it would be watched, and nowhere else', async () => {
    const counts = [0, 1, 2].map(async (index) => {
      const fleet = fleetOf(await discovering({}, { shard: `${index}/3` }), found({ default: IDS.map(archived) }), {
        ...NOW,
        isOver: () => true,
      });
      return fleet.archivedOf.get('default') ?? 0;
    });
    const own = [0, 1, 2].map((index) => IDS.filter((id) => shardOf(id, 3) === index).length);
    expect(await Promise.all(counts)).toEqual(own);
  });
});
