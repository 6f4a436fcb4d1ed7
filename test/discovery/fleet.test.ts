import { describe, expect, it } from 'vitest';
import type { RemoteEnvironment } from '../../src/client/work-api.ts';
import type { WatchedNow } from '../../src/discovery/fleet.ts';
import { type Discovered, fleetOf } from '../../src/discovery/fleet-of.ts';
import { shardOf } from '../../src/domain/shard.ts';
import { configOf } from '../config/support.ts';

const IDS = Array.from({ length: 12 }, (_, index) => `env_${index}`);
const CONFIGURED = IDS.slice(0, 4);

function found(connections: Readonly<Record<string, readonly (string | RemoteEnvironment)[]>>): Discovered {
  const remote = (one: string | RemoteEnvironment): RemoteEnvironment =>
    typeof one === 'string' ? { id: one, name: one, configType: 'self_hosted', archived: false } : one;
  const lists = Object.entries(connections).map(([name, all]) => [name, all.map(remote)] as const);
  return { environments: new Map(lists), keys: new Map() };
}

const idsOf = ({ members }: ReturnType<typeof fleetOf>) => members.map(({ environment }) => environment.id);

describe('the fleet of one shard', () => {
  it.each([0, 1, 2])('%i of 3 has its own environments, and counts those of the others', async (index) => {
    const config = await configOf(
      JSON.stringify({
        api: { api_key: 'k', requests_per_minute: 2000 },
        discovery: { enabled: true },
        environments: CONFIGURED.map((id) => ({ id })),
        shard: `${index}/3`,
      }),
    );
    const fleet = fleetOf(config, found({ default: IDS }));
    const own = IDS.filter((id) => shardOf(id, 3) === index);
    expect(idsOf(fleet).toSorted()).toEqual(own.toSorted());
    expect(fleet).toMatchObject({ elsewhere: IDS.length - own.length, dropped: 0, archivedOf: new Map() });
    expect(fleet.sharing.size).toBe(0);
  });
});

describe('two connections to one workspace', () => {
  const two = (requestsPerMinute: number) =>
    JSON.stringify({
      connections: {
        one: { api_key: 'k', requests_per_minute: requestsPerMinute },
        two: { api_key: 'l', requests_per_minute: 240 },
      },
      discovery: { enabled: true },
    });

  it('the first one watches, and the second one finds what is watched', async () => {
    const fleet = fleetOf(await configOf(two(240)), found({ one: ['env_a', 'env_b'], two: ['env_a', 'env_b'] }));
    expect(fleet.members.map(({ environment }) => environment.connection)).toEqual(['one', 'one']);
    expect([...fleet.sharing]).toEqual(['two']);
  });

  it('what the first one has no room for goes to the second, and stays there while the first is full', async () => {
    const lists = found({ one: ['env_a', 'env_b', 'env_c'], two: ['env_a', 'env_b', 'env_c'] });
    const config = await configOf(two(2));
    const fleet = fleetOf(config, lists);
    const places = fleet.members.map(({ environment: { id, connection } }) => [id, connection] as const);
    expect(places.map(([, connection]) => connection).toSorted()).toEqual(['one', 'two', 'two']);
    const now: WatchedNow = { connections: new Map(places), isDraining: () => false };
    expect(fleetOf(config, lists, now).members).toEqual(fleet.members);
    expect(fleet).toMatchObject({ dropped: 0, elsewhere: 0 });
  });
});

describe('a connection that finds only what another shard watches through another connection', () => {
  const [other] = IDS.filter((id) => shardOf(id, 2) === 1);

  it.each([
    ['because it is configured there', [other], []],
    ['because it is found there, too', [], [other]],
  ])('is no fruitless one: %s', async (_, configured, foundByOne) => {
    const config = await configOf(
      JSON.stringify({
        connections: { one: { api_key: 'k' }, two: { api_key: 'l' } },
        discovery: { enabled: true },
        environments: configured.map((id) => ({ id, connection: 'one' })),
        shard: '0/2',
      }),
    );
    const fleet = fleetOf(config, found({ one: foundByOne as string[], two: [other!] }));
    expect(fleet).toMatchObject({ members: [], elsewhere: 1 });
    expect([...fleet.sharing]).toEqual(['two']);
  });
});

describe('what is left out', () => {
  const archived = { id: 'env_old', name: 'old', configType: 'self_hosted', archived: true };

  it.each<[what: string, options: object, all: readonly (string | RemoteEnvironment)[], left: object]>([
    [
      'beyond the limit is dropped',
      { max_environments: 2 },
      ['env_a', 'env_b', 'env_c'],
      { dropped: 1, archivedOf: new Map() },
    ],
    [
      'archived and drained is archived',
      {},
      ['env_a', 'env_b', archived],
      { dropped: 0, archivedOf: new Map([['default', 1]]) },
    ],
    ['excluded is nothing', { exclude: ['env_c'] }, ['env_a', 'env_b', 'env_c'], { dropped: 0, archivedOf: new Map() }],
  ])('%s', async (_, options, all, left) => {
    const config = await configOf(JSON.stringify({ api: { api_key: 'k' }, discovery: { enabled: true, ...options } }));
    const fleet = fleetOf(config, found({ default: all }));
    expect(idsOf(fleet)).toEqual(['env_a', 'env_b']);
    expect(fleet).toMatchObject({ ...left, elsewhere: 0 });
    expect([...fleet.droppedOf]).toEqual(fleet.dropped > 0 ? [['default', fleet.dropped]] : []);
  });

  it('as archived is counted by the shard that would watch it, and by no other', async () => {
    const all = IDS.map((id) => ({ ...archived, id }));
    const counts = [0, 1, 2].map(async (index) => {
      const config = await configOf(
        JSON.stringify({ api: { api_key: 'k' }, discovery: { enabled: true }, shard: `${index}/3` }),
      );
      return fleetOf(config, found({ default: all })).archivedOf.get('default') ?? 0;
    });
    const own = [0, 1, 2].map((index) => IDS.filter((id) => shardOf(id, 3) === index).length);
    expect(await Promise.all(counts)).toEqual(own);
  });
});
