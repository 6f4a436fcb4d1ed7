import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { shardOf } from '../../src/domain/shard.ts';
import { configurationOf, QUICK, simulatedApi } from '../support/simulated-api.ts';
import { RunningApp } from './running-app.ts';

const ENVIRONMENT = 'env_sim_prod';

async function counted(exporter: RunningApp): Promise<number> {
  return (await exporter.value('items_created_total', { environment_id: ENVIRONMENT })) ?? 0;
}

/** Two environments, in one of which three items were counted, and the configuration that reads both. */
async function threeCounted(exporter: RunningApp) {
  const api = await simulatedApi({ scenario: 'idle', environments: 2, clock: exporter.clock });
  const whole = configurationOf(api, { poll: QUICK, state_file: exporter.path('state.json') });
  exporter.configure(whole);
  await exporter.serve();
  await exporter.waitUntil(() => exporter.readSince(ENVIRONMENT, 'list'));
  await exporter.clock.advance(1000);
  for (let n = 0; n < 3; n++) api.enqueue(ENVIRONMENT);
  await exporter.waitUntil(async () => (await counted(exporter)) === 3);
  return { api, whole };
}

describe('the state file', () => {
  it('lets counters go on after a restart, from the first scrape', async () => {
    await using exporter = new RunningApp();
    const api = await simulatedApi({ scenario: 'idle', environments: 1, clock: exporter.clock });
    exporter.configure(configurationOf(api, { poll: QUICK, state_file: exporter.path('state.json') }));
    await exporter.serve();
    await exporter.waitUntil(() => exporter.readSince(ENVIRONMENT, 'list'));
    expect(await exporter.value('state_file_ok')).toBe(1);
    await exporter.clock.advance(1000);
    for (let n = 0; n < 3; n++) api.enqueue(ENVIRONMENT);
    await exporter.waitUntil(async () => (await counted(exporter)) === 3);
    await exporter.app.stop();
    await exporter.serve();
    expect(await counted(exporter)).toBe(3);
    await exporter.clock.advance(1000);
    api.enqueue(ENVIRONMENT);
    await exporter.waitUntil(async () => (await counted(exporter)) === 4);
    expect(existsSync(exporter.path('state.json'))).toBe(true);
    await api.stop();
  });

  it('lets the counters of an environment go on that was away for a while', async () => {
    await using exporter = new RunningApp();
    const { api, whole } = await threeCounted(exporter);
    const others = whole.environments.filter(({ id }) => id !== ENVIRONMENT);
    exporter.configure({ ...whole, environments: others });
    await exporter.app.reload();
    expect(await exporter.value('items_created_total', { environment_id: ENVIRONMENT })).toBeUndefined();
    exporter.configure(whole);
    await exporter.app.reload();
    expect(await counted(exporter)).toBe(3);
    await exporter.clock.advance(1000);
    api.enqueue(ENVIRONMENT);
    await exporter.waitUntil(async () => (await counted(exporter)) === 4);
    await api.stop();
  });

  it('counts nothing that happened while another shard watched the environment', async () => {
    await using exporter = new RunningApp();
    const api = await simulatedApi({ scenario: 'idle', environments: 1, clock: exporter.clock });
    const runAs = async (shard: string) => {
      exporter.configure(configurationOf(api, { poll: QUICK, state_file: exporter.path('state.json'), shard }));
      await exporter.serve();
    };
    const [before, between] = ['1/5', '1/6'];
    expect([shardOf(ENVIRONMENT, 5), shardOf(ENVIRONMENT, 6)]).toEqual([1, 5]);
    await runAs(before);
    await exporter.waitUntil(() => exporter.readSince(ENVIRONMENT, 'list'));
    await exporter.clock.advance(1000);
    api.enqueue(ENVIRONMENT);
    await exporter.waitUntil(async () => (await counted(exporter)) === 1);
    await exporter.app.stop();

    await runAs(between);
    await exporter.clock.advance(600_000);
    // Shard 5 counts them.
    for (let n = 0; n < 3; n++) api.enqueue(ENVIRONMENT);
    await exporter.clock.advance(60_000);
    await exporter.app.stop();

    await runAs(before);
    const since = exporter.clock.now();
    // Counting begins anew.
    expect(await counted(exporter)).toBe(0);
    await exporter.waitUntil(() => exporter.readSince(ENVIRONMENT, 'list', since));
    expect(await counted(exporter)).toBe(0);
    await exporter.clock.advance(1000);
    api.enqueue(ENVIRONMENT);
    await exporter.waitUntil(async () => (await counted(exporter)) === 1);
    await api.stop();
  });

  it('holds an environment that moved to a connection through which it cannot be read', async () => {
    await using exporter = new RunningApp();
    const { api, whole } = await threeCounted(exporter);
    const { api: reachable, environments, ...rest } = whole;
    const moved = environments.map((one) => (one.id === ENVIRONMENT ? { ...one, connection: 'away' } : one));
    const connections = { default: reachable, away: { ...reachable, base_url: 'http://127.0.0.1:1' } };
    exporter.configure({ ...rest, connections, environments: moved });
    expect(await exporter.app.reload()).toMatchObject({ ok: true });
    await exporter.clock.advance(3_700_000);
    const [other] = environments.flatMap(({ id }) => (id === ENVIRONMENT ? [] : [id]));
    api.enqueue(other!);
    const counter = () => exporter.value('items_created_total', { environment_id: other! });
    await exporter.waitUntil(async () => (await counter()) === 1);
    const kept = () => JSON.parse(readFileSync(exporter.path('state.json'), 'utf8')).environments;
    // The clock of the test runs ahead of the disk, so what was counted may be shown before it is written.
    await exporter.waitUntil(() => kept()[other!].counters.created === 1);
    expect(kept()[ENVIRONMENT]).toMatchObject({ counters: { created: 3 } });
    await api.stop();
  });

  it('has nothing to do with a list whose key comes later: what happened before is history', async () => {
    await using exporter = new RunningApp();
    const api = await simulatedApi({ scenario: 'idle', environments: 1, clock: exporter.clock });
    const whole = configurationOf(api, { poll: QUICK });
    exporter.configure({ ...whole, environments: [{ id: ENVIRONMENT }] });
    await exporter.serve();
    await exporter.waitUntil(() => exporter.readSince(ENVIRONMENT, 'stats'));
    await exporter.clock.advance(1000);
    for (let n = 0; n < 3; n++) api.enqueue(ENVIRONMENT);
    await exporter.clock.advance(5000);
    exporter.configure(whole);
    await exporter.app.reload();
    await exporter.waitUntil(() => exporter.readSince(ENVIRONMENT, 'list'));
    expect(await counted(exporter)).toBe(0);
    await exporter.clock.advance(1000);
    api.enqueue(ENVIRONMENT);
    await exporter.waitUntil(async () => (await counted(exporter)) === 1);
    await api.stop();
  });

  it('is set aside when it cannot be used, and counting begins anew', async () => {
    const api = await simulatedApi({ environments: 1 });
    await using exporter = new RunningApp();
    writeFileSync(exporter.path('state.json'), '{"version":1,"insta');
    exporter.configure(configurationOf(api, { poll: QUICK, state_file: exporter.path('state.json') }));
    await exporter.serve();
    expect(exporter.events('state_file.failing')).toHaveLength(1);
    expect(readFileSync(exporter.path('state.json.corrupt'), 'utf8')).toBe('{"version":1,"insta');
    await exporter.waitUntil(() => exporter.readSince(ENVIRONMENT, 'list'));
    expect(await exporter.value('up', { environment_id: ENVIRONMENT, operation: 'list' })).toBe(1);
    await api.stop();
  });

  it('has no metric where none is configured', async () => {
    const api = await simulatedApi({ environments: 1 });
    await using exporter = await RunningApp.start(configurationOf(api, { poll: QUICK }));
    expect(await exporter.value('state_file_ok')).toBeUndefined();
    await api.stop();
  });
});
