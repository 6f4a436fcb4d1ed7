import Anthropic from '@anthropic-ai/sdk';
import { BetaEnvironmentNotFoundError } from '@anthropic-ai/sdk/resources/beta/environments/environments';
import { BetaHeartbeatPreconditionFailedError } from '@anthropic-ai/sdk/resources/beta/environments/work';
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

describe('the official client', () => {
  it('pages through the list of items, newest first', async () => {
    const simulator = await testSimulator();
    const { id } = simulator.prod;
    const made = Array.from({ length: 45 }, () => simulator.enqueue(id));
    const { work } = environmentClient(simulator).beta.environments;
    expect(await idsOf(work.list(id))).toEqual(made.toReversed());
    expect(await idsOf(work.list(id, { limit: 7 }))).toEqual(made.toReversed());
    expect(simulator.truth().environments[id]!.requests.list).toEqual({ 200: 3 + 7 });
  });

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

  it('409 for a second acknowledgement, in the words of the real service, and 412 for a heartbeat that is not the last one', async () => {
    const simulator = await testSimulator();
    simulator.enqueue(simulator.prod.id);
    const id = await claim(simulator);
    const { work } = environmentClient(simulator).beta.environments;
    const params = { environment_id: simulator.prod.id };
    const error = await errorOf(work.ack(id, params));
    expect(error).toBeInstanceOf(Anthropic.ConflictError);
    expect(String(error)).toContain(`Work item ${id} must be in QUEUED state to acknowledge. Current state: starting.`);
    const late = work.heartbeat(id, { ...params, expected_last_heartbeat: 'hb-1' });
    expect(await errorOf(late)).toBeInstanceOf(BetaHeartbeatPreconditionFailedError);
  });
});
