import { describe, expect, it } from 'vitest';
import { shardOf } from '../../src/domain/shard.ts';
import { QUICK } from '../support/simulated-api.ts';
import { environmentsApi } from './environments-api.ts';
import { RunningApp } from './running-app.ts';

const API_KEY = `sk-ant-api03-${'a'.repeat(40)}`;
const IDS = Array.from({ length: 12 }, (_, index) => `env_${index}`);
const CONFIGURED = IDS.slice(0, 4);

const configuration = (url: string, rest: object = {}) => ({
  api: { base_url: url, api_key: API_KEY, requests_per_minute: 2000 },
  discovery: { enabled: true, interval: '1m' },
  environments: CONFIGURED.map((id) => ({ id })),
  poll: QUICK,
  ...rest,
});

const ids = (running: RunningApp) => running.app.states.all().map(({ environment }) => environment.id);
const own = (shard: number, count: number, among = IDS) => among.filter((id) => shardOf(id, count) === shard);

async function started(configured: unknown): Promise<RunningApp> {
  const running = await RunningApp.start(configured);
  await running.waitUntil(() => running.app.discovery.pending().length === 0);
  return running;
}

describe('three shards', () => {
  it.each([0, 1, 2])('shard %i watches its own, configured or discovered, and says so everywhere', async (index) => {
    await using api = await environmentsApi(IDS.map((id) => ({ id })));
    await using running = await started(configuration(api.url, { shard: `${index}/3` }));
    const mine = own(index, 3);
    expect(ids(running).toSorted()).toEqual(mine.toSorted());

    expect(await running.samples('exporter_shard_info')).toMatchObject([{ labels: { shard: `${index}/3` }, value: 1 }]);
    expect(await running.value('exporter_shards')).toBe(3);
    expect(await running.value('exporter_environments', { status: 'watched' })).toBe(mine.length);
    expect(await running.value('exporter_environments', { status: 'dropped' })).toBe(0);
    expect(await running.value('api_budget_limit_requests_per_minute')).toBe([666, 667, 667][index]);
    expect(running.events('exporter.listening')).toMatchObject([
      { shard: `${index}/3`, environment_count: own(index, 3, CONFIGURED).length },
    ]);

    const json = await (await fetch(`${running.url}/api/v1/environments`)).json();
    expect(json).toMatchObject({ shard: `${index}/3` });
    const targets = (await (await fetch(`${running.url}/api/v1/sd`)).json()) as { labels: Record<string, string> }[];
    expect(targets.map(({ labels }) => labels.__param_environment_id).toSorted()).toEqual(mine.toSorted());
    for (const { labels } of targets) expect(labels.__meta_anthropic_work_shard).toBe(`${index}/3`);
    expect(await running.page()).toContain(`shard ${index}/3</span>`);
    const other = IDS.find((id) => !mine.includes(id));
    expect((await fetch(`${running.url}/probe?environment_id=${other}`)).status).toBe(404);
  });

  it('call nothing wrong where one has no environment, and something where none has', async () => {
    await using api = await environmentsApi([{ id: 'env_0' }]);
    const empty = [0, 1, 2].find((index) => shardOf('env_0', 3) !== index)!;
    await using running = await started(configuration(api.url, { shard: `${empty}/3`, environments: [] }));
    expect(await running.page()).toContain('No environment is watched yet.</h1>');
    expect((await fetch(`${running.url}/-/ready`)).status).toBe(200);

    api.state.environments = [];
    await running.waitUntil(async () => (await running.page()).includes('found nothing to watch among 0 environments'));
  });
});
