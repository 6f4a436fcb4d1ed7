import { describe, expect, it } from 'vitest';
import { isInShard, shardText } from '../../src/domain/shard.ts';
import { configOf, MINIMAL, problemsOf } from './support.ts';

const IDS = Array.from({ length: 40 }, (_, index) => `env_${index}`);

/** A fleet of 40 configured environments, with a key each. */
const fleet = (shard: string, requestsPerMinute = 240) => `
api: {api_key: k, requests_per_minute: ${requestsPerMinute}}
shard: ${shard}
environments: [${IDS.map((id) => `{id: ${id}, environment_key: e-${id}}`).join(', ')}]
`;

const shardOfConfig = async (...given: Parameters<typeof configOf>) => shardText((await configOf(...given)).shard);

describe('the option shard', () => {
  it.each(['0/1', '0/3', '2/3', '999/1000'])('takes %s', async (written) => {
    const enough = MINIMAL.replace('api_key: k', 'api_key: k, requests_per_minute: 10000');
    expect(await shardOfConfig(`${enough}shard: ${written}`)).toBe(written);
  });

  it.each(['3/3', '0/0', '1', '1.5/3', '01/3', '0/1001', 'auto', 'auto/0'])(
    'rejects %j and says what it takes',
    async (written) => {
      const problems = await problemsOf(`${MINIMAL}shard: ${JSON.stringify(written)}`);
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatch(/^4:8: shard: must be I\/N, with I from 0 to N - 1, or auto\/N; N is at most 1000/);
    },
  );
});

describe('auto', () => {
  it.each([
    ['exporter-0', 'auto/3', '0/3'],
    ['anthropic-work-exporter-11', 'auto/12', '11/12'],
    ['exporter-1.exporter.monitoring.svc.cluster.local', 'auto/3', '1/3'],
    ['exporter_1', 'auto/3', '1/3'],
  ])('on host %s, %s is %s', async (hostName, written, expected) => {
    expect(await shardOfConfig(`${MINIMAL}shard: ${written}`, { hostName })).toBe(expected);
  });

  it.each([
    // A pod of a Deployment: what ends it is random, and two of them could share a number.
    ['exporter-6d4cf56db6-x2kz1', 'needs a host name that ends in a number'],
    ['exporter-3', 'ends in a number from 0 to 2, and this one is "exporter-3"'],
    ['ip-10-0-0-12', 'ends in a number from 0 to 2, and this one is "ip-10-0-0-12"'],
  ])('on host %j it says what is wrong', async (hostName, what) => {
    const problems = await problemsOf(`${MINIMAL}shard: auto/3`, { hostName });
    expect(problems).toEqual([expect.stringContaining(what)]);
    expect(problems[0]).toContain('; ');
  });
});

describe('the part of a configuration', () => {
  it.each([1, 2, 3, 7])('of %i shards: every environment once, and budgets that add up', async (count) => {
    const parts = await Promise.all(Array.from({ length: count }, (_, index) => configOf(fleet(`${index}/${count}`))));
    const watched = parts.flatMap((part) => part.environments.map(({ environment }) => environment.id));
    expect(watched.toSorted()).toEqual(IDS.toSorted());
    for (const { shard, environments, configuredElsewhere } of parts) {
      const own = environments.map(({ environment }) => environment.id);
      expect(own).toEqual(IDS.filter((id) => isInShard(shard, id)));
      expect([...own, ...configuredElsewhere].toSorted()).toEqual(IDS.toSorted());
    }
    const budgets = parts.map(({ connections }) => connections[0]!.requestsPerMinute);
    expect(budgets.reduce((sum, budget) => sum + budget, 0)).toBe(240);
    expect(Math.max(...budgets) - Math.min(...budgets)).toBeLessThanOrEqual(1);
  });

  it('has the fingerprint of the whole, so that shards of one configuration agree and others do not', async () => {
    const hashes = await Promise.all(
      ['0/1', '0/3', '1/3', '3/4'].map(async (shard) => (await configOf(fleet(shard))).hash),
    );
    expect(new Set(hashes).size).toBe(1);
    expect((await configOf(fleet('0/3', 300))).hash).not.toBe(hashes[0]);
  });

  it('keeps its counters in a file of its own, at which it looks before it writes one', async () => {
    const yaml = (shard: string) => `${MINIMAL}state_file: /s/state\nshard: ${shard}`;
    expect((await configOf(yaml('0/1'))).stateFile).toBe('/s/state');
    expect((await configOf(yaml('2/3'))).stateFile).toBe('/s/state.2');
    const files = { '/s/state.1': 'a letter' };
    expect(await problemsOf(yaml('1/3'), { files })).toEqual([
      expect.stringContaining('/s/state.1 is not a state file'),
    ]);
    expect(await problemsOf(yaml('0/3'), { files })).toEqual([]);
  });

  it('is rejected by every shard, in the same words, when one of them has too little', async () => {
    // 40 environments need 48 requests a minute at the least: the whole has 54 to schedule, a seventh not everywhere enough.
    const texts = await Promise.all(
      Array.from({ length: 7 }, (_, index) => problemsOf(fleet(`${index}/7`, 60), { hostName: '' })),
    );
    expect(new Set(texts.map(String)).size).toBe(1);
    expect(texts[0]).toEqual([
      expect.stringMatching(/requests a minute are needed in shard \d\/7 even at the maximum intervals/),
    ]);
    const needed = Number(/to at least (\d+)/.exec(texts[0]![0]!)![1]);
    expect(await problemsOf(fleet('0/7', needed))).toEqual([]);
    expect(await problemsOf(fleet('0/1', 60))).toEqual([]);
  });

  it('is rejected when there are more shards than requests a minute', async () => {
    expect(
      await problemsOf(`api: {api_key: k, requests_per_minute: 2}\ndiscovery: {enabled: true}\nshard: 0/3`),
    ).toEqual([expect.stringContaining('set requests_per_minute to at least 3')]);
  });
});
