import Anthropic from '@anthropic-ai/sdk';
import type { BetaRunnableTool } from '@anthropic-ai/sdk/lib/tools/BetaRunnableTool';
import { describe, it } from 'vitest';
import { call, type TestSimulator, testSimulator } from '../simulator/support/simulators.ts';
import { waitUntil } from '../support/wait-until.ts';
import { managementClient, runWorker } from './sdk.ts';

/** The worker heartbeats every half lease, at least every second: the shortest that it can be made to. */
const QUICK = { switches: { leaseTtlSeconds: 2, stoppingTtlSeconds: 2 } };

const prodTruth = (simulator: TestSimulator) => simulator.truth().environments[simulator.prod.id]!;
const requests = (simulator: TestSimulator, endpoint: string) => prodTruth(simulator).requests[endpoint] ?? {};

function echoTool(said: unknown[]): BetaRunnableTool {
  return {
    type: 'custom',
    name: 'echo',
    description: 'Says it again.',
    input_schema: { type: 'object' },
    parse: (input) => input,
    run: async (input) => {
      said.push(input);
      return 'said';
    },
  };
}

describe.concurrent('the official worker', () => {
  it('claims, acknowledges, heartbeats, calls a tool and finishes', async ({ onTestFinished, expect }) => {
    const simulator = await testSimulator({}, onTestFinished);
    const said: unknown[] = [];
    const id = simulator.enqueue(simulator.prod.id, { toolCall: { name: 'echo', input: { text: 'hello' } } });

    const worker = runWorker(simulator, { tools: [echoTool(said)], maxIdleMs: 20 });
    await waitUntil(() => prodTruth(simulator).items.stopped === 1);
    await worker.stop();

    expect(said).toEqual([{ text: 'hello' }]);
    const events = await call(simulator, simulator.apiKey, `/v1/sessions/${id}/events`);
    expect((events.body.data as { type: string }[]).map(({ type }) => type)).toEqual([
      'agent.tool_use',
      'session.status_idle',
      'user.tool_result',
      'session.status_idle',
    ]);
    expect(requests(simulator, 'ack')).toEqual({ 200: 1 });
    expect(requests(simulator, 'heartbeat')).toEqual({ 200: 1 });
    expect(requests(simulator, 'stop')).toEqual({ 200: 1 });
  });

  it('works with the environment key alone when no secret is issued', async ({ onTestFinished, expect }) => {
    const simulator = await testSimulator({ switches: { secret: 'missing' } }, onTestFinished);
    simulator.enqueue(simulator.prod.id);
    const worker = runWorker(simulator, { maxIdleMs: 20 });
    await waitUntil(() => prodTruth(simulator).items.stopped === 1);
    await worker.stop();
    expect(prodTruth(simulator).totals).toMatchObject({ acknowledged: 1, stopped: 1, lapsed: 0 });
  });

  it('counts as polling while idle, by its id', async ({ onTestFinished, expect }) => {
    const simulator = await testSimulator({}, onTestFinished);
    const workers = [runWorker(simulator, { workerId: 'one' }), runWorker(simulator, { workerId: 'two' })];
    await waitUntil(() => prodTruth(simulator).workers_polling === 2);
    await Promise.all(workers.map((worker) => worker.stop()));
    simulator.advance(30);
    expect(prodTruth(simulator).workers_polling).toBe(0);
  });

  it('notices a graceful stop at the next heartbeat and ends the item', async ({ onTestFinished, expect }) => {
    const simulator = await testSimulator(QUICK, onTestFinished);
    const id = simulator.enqueue(simulator.prod.id);
    const worker = runWorker(simulator);
    await waitUntil(() => prodTruth(simulator).items.active === 1);

    const asked = await managementClient(simulator).beta.environments.work.stop(id, {
      environment_id: simulator.prod.id,
    });
    expect(asked.state).toBe('stopping');
    await waitUntil(() => prodTruth(simulator).items.stopped === 1);
    await worker.stop();

    const work = await managementClient(simulator).beta.environments.work.retrieve(id, {
      environment_id: simulator.prod.id,
    });
    expect(work.stop_requested_at).toBe(asked.stop_requested_at);
    expect(Date.parse(work.stopped_at!)).toBeGreaterThan(Date.parse(work.stop_requested_at!));
  });

  it('abandons an item whose lease somebody else took, without stopping it', async ({ onTestFinished, expect }) => {
    const simulator = await testSimulator(QUICK, onTestFinished);
    const id = simulator.enqueue(simulator.prod.id);
    const worker = runWorker(simulator);
    await waitUntil(() => prodTruth(simulator).items.active === 1);
    const { environmentKey } = simulator.prod;
    const path = `/v1/environments/${simulator.prod.id}/work/${id}/heartbeat`;
    // Without an expectation a heartbeat always extends: the worker's next one does not match any more.
    const stolen = await call(simulator, environmentKey, path, { method: 'POST' });
    expect(stolen.body.lease_extended).toBe(true);

    await waitUntil(() => requests(simulator, 'heartbeat')['412'] === 1);
    expect(requests(simulator, 'stop')).toEqual({});
    // Ended here, or the worker would get the item again once the stolen lease has lapsed.
    await managementClient(simulator).beta.environments.work.stop(id, {
      environment_id: simulator.prod.id,
      force: true,
    });
    await waitUntil(() => (requests(simulator, 'poll')['200'] ?? 0) >= 2);
    await worker.stop();
    expect(requests(simulator, 'stop')).toEqual({ 200: 1 });
  });

  it('the official worker ends when its key is revoked', async ({ onTestFinished, expect }) => {
    const simulator = await testSimulator({}, onTestFinished);
    simulator.setFaults([{ kind: 'revoked' }]);
    await expect(runWorker(simulator).ended).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
  });

  it('backs off on 429 and then takes the item', async ({ onTestFinished, expect }) => {
    const simulator = await testSimulator({}, onTestFinished);
    simulator.setFaults([{ kind: 'status', status: 429, retryAfterSeconds: 1, endpoints: ['poll'], count: 1 }]);
    simulator.enqueue(simulator.prod.id);
    const worker = runWorker(simulator, { maxIdleMs: 20 });
    await waitUntil(() => prodTruth(simulator).items.stopped === 1);
    await worker.stop();
    expect(requests(simulator, 'poll')).toMatchObject({ 429: 1 });
  });

  it('acknowledges and ends a health check without asking for a session', async ({ onTestFinished, expect }) => {
    const simulator = await testSimulator({}, onTestFinished);
    simulator.enqueue(simulator.prod.id, { type: 'healthcheck' });
    const worker = runWorker(simulator);
    await waitUntil(() => prodTruth(simulator).items.stopped === 1);
    await worker.stop();
    expect(simulator.truth().requests).toEqual({});
    expect(prodTruth(simulator).wait.count).toBe(0);
  });

  it('ends the item of a terminated session at once', async ({ onTestFinished, expect }) => {
    const simulator = await testSimulator({}, onTestFinished);
    const said: unknown[] = [];
    const id = simulator.enqueue(simulator.prod.id, { toolCall: { name: 'echo', input: {} } });
    simulator.endSession(id, 'terminated');
    const worker = runWorker(simulator, { tools: [echoTool(said)] });
    await waitUntil(() => prodTruth(simulator).items.stopped === 1);
    await worker.stop();
    expect(said).toEqual([]);
  });

  it('serves a session again that a message woke up', async ({ onTestFinished, expect }) => {
    const simulator = await testSimulator({}, onTestFinished);
    const id = simulator.enqueue(simulator.prod.id);
    const worker = runWorker(simulator, { maxIdleMs: 20 });
    await waitUntil(() => prodTruth(simulator).items.stopped === 1);
    await call(simulator, simulator.apiKey, `/v1/sessions/${id}/events`, {
      method: 'POST',
      body: { events: [{ type: 'user.message', content: [{ type: 'text', text: 'again' }] }] },
    });
    await waitUntil(() => prodTruth(simulator).totals.stopped === 2);
    await worker.stop();
    expect(prodTruth(simulator).totals).toMatchObject({ created: 1, acknowledged: 2, requeued: 1 });
  });

  it('gets an item whose worker has died, once the lease has lapsed', async ({ onTestFinished, expect }) => {
    const simulator = await testSimulator({}, onTestFinished);
    const { id: environment, environmentKey } = simulator.prod;
    const id = simulator.enqueue(environment);
    const work = `/v1/environments/${environment}/work`;
    await call(simulator, environmentKey, `${work}/poll`);
    await call(simulator, environmentKey, `${work}/${id}/ack`, { method: 'POST' });
    simulator.advance(299);
    expect(prodTruth(simulator).items.starting).toBe(1);
    simulator.advance(1);

    const worker = runWorker(simulator, { maxIdleMs: 20 });
    await waitUntil(() => prodTruth(simulator).items.stopped === 1);
    await worker.stop();
    expect(prodTruth(simulator).totals).toMatchObject({ created: 1, acknowledged: 2, lapsed: 1, requeued: 0 });
  });
});
