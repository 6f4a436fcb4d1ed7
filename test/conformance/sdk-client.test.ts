import Anthropic from '@anthropic-ai/sdk';
import { BetaEnvironmentNotFoundError } from '@anthropic-ai/sdk/resources/beta/environments/environments';
import { describe, expect, it } from 'vitest';
import { type TestSimulator, testSimulator } from '../simulator/support/simulators.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { environmentClient, managementClient } from './sdk.ts';

async function idsOf<T extends { id: string }>(pages: AsyncIterable<T>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of pages) ids.push(id);
  return ids;
}

/** Claims and acknowledges the oldest item with the environment's key. */
async function claim(simulator: TestSimulator): Promise<string> {
  const { work } = environmentClient(simulator).beta.environments;
  const polled = await work.poll(simulator.prod.id, { 'Anthropic-Worker-ID': 'test' });
  await work.ack(polled!.id, { environment_id: simulator.prod.id });
  return polled!.id;
}

/** What the other languages do not need to show again: sdk-operations.test.ts makes every call of work in all of them. */
describe('the official client', () => {
  it('lists environments, archived ones when asked', async () => {
    const simulator = await testSimulator({ environments: 25 });
    const { environments } = managementClient(simulator).beta;
    const live = await idsOf(environments.list());
    expect(live).toEqual([...simulator.environments.map(({ id }) => id), 'env_sim_cloud']);
    const all = await idsOf(environments.list({ include_archived: true, limit: 10 }));
    expect(all).toEqual([...live, 'env_sim_archived', 'env_sim_cloud_archived']);
  });

  it('reads the queue with either key', async () => {
    const simulator = await testSimulator();
    simulator.enqueue(simulator.prod.id);
    for (const client of [managementClient(simulator), environmentClient(simulator)]) {
      const stats = await client.beta.environments.work.stats(simulator.prod.id);
      expect(stats).toMatchObject({ type: 'work_queue_stats', depth: 1, pending: 0, workers_polling: 0 });
      expect(stats.oldest_queued_at).toBe(simulator.truth().environments[simulator.prod.id]!.oldest_queued_at);
    }
  });

  it('retrieves and stops an item', async () => {
    const simulator = await testSimulator();
    const params = { environment_id: simulator.prod.id };
    const id = simulator.enqueue(simulator.prod.id, { metadata: { team: 'docs', tier: '1' } });
    const { work } = managementClient(simulator).beta.environments;
    expect(await work.retrieve(id, params)).toMatchObject({ id, state: 'queued', secret: null });

    await claim(simulator);
    expect(await work.stop(id, params)).toMatchObject({ state: 'stopping', stopped_at: null });
    const stopped = await work.stop(id, { ...params, force: true });
    expect(stopped.state).toBe('stopped');
    expect(await work.stop(id, params)).toEqual(stopped);
  });

  it('reads the session of a claimed item and its last idle event with either key', async () => {
    const simulator = await testSimulator({ clock: new ManualClock() });
    const id = simulator.enqueue(simulator.prod.id, { conduct: 'awaits-approval' });
    await claim(simulator);
    simulator.advance(60);
    for (const client of [managementClient(simulator), environmentClient(simulator)]) {
      const session = await client.beta.sessions.retrieve(id);
      expect(session).toMatchObject({ id, status: 'idle', archived_at: null, stats: { active_seconds: 5 } });
      const page = await client.beta.sessions.events.list(id, {
        types: ['session.status_idle'],
        order: 'desc',
        limit: 1,
      });
      expect(page.data).toMatchObject([{ type: 'session.status_idle', stop_reason: { type: 'requires_action' } }]);
      expect(await idsOf(client.beta.sessions.events.list(id, { limit: 1 }))).toHaveLength(2);
    }
  });

  it('gets a secret from a poll and nowhere else', async () => {
    const simulator = await testSimulator();
    const id = simulator.enqueue(simulator.prod.id);
    const { work } = environmentClient(simulator).beta.environments;
    const polled = await work.poll(simulator.prod.id, {});
    const secret = JSON.parse(Buffer.from(polled!.secret!, 'base64url').toString());
    expect(secret).toEqual({ sessions_token: expect.stringMatching(/^sk-ant-req-sim-/), api_base_url: simulator.url });
    for await (const item of work.list(simulator.prod.id)) expect(item.secret).toBeNull();
    const own = await managementClient(simulator).beta.environments.work.retrieve(id, {
      environment_id: simulator.prod.id,
    });
    expect(own.secret).toBeNull();
    expect(await work.poll(simulator.prod.id, { block_ms: 1 })).toBeNull();
  });
});

describe('errors come out as the official classes', () => {
  const errorOf = (promise: Promise<unknown>) =>
    promise.then(
      () => null,
      (error: unknown) => error,
    );

  it('401 for a revoked key, without a request id, and 404 for an environment that there is not', async () => {
    const simulator = await testSimulator();
    const { environments } = managementClient(simulator).beta;
    expect(await errorOf(environments.retrieve('env_none'))).toBeInstanceOf(BetaEnvironmentNotFoundError);
    simulator.setFaults([{ kind: 'revoked' }]);
    const error = await errorOf(environmentClient(simulator).beta.environments.work.stats(simulator.prod.id));
    expect(error).toBeInstanceOf(Anthropic.AuthenticationError);
    expect(error).toMatchObject({ requestID: null, error: { error: { message: expect.stringContaining('revoked') } } });
  });
});
