import type { BetaRunnableTool } from '@anthropic-ai/sdk/lib/tools/BetaRunnableTool';
import { describe, it } from 'vitest';
import { call, type TestSimulator, testSimulator } from '../simulator/support/simulators.ts';
import { waitUntil } from '../support/wait-until.ts';
import { environmentClient, runWorker } from './sdk.ts';

const prodTruth = (simulator: TestSimulator) => simulator.truth().environments[simulator.prod.id]!;

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

  it('that a webhook wakes takes all that waits, and is not seen any more half a minute later', async ({
    onTestFinished,
    expect,
  }) => {
    const simulator = await testSimulator({}, onTestFinished);
    const { id: environmentId, environmentKey } = simulator.prod;
    const waiting = Array.from({ length: 3 }, () => simulator.enqueue(environmentId));
    const { work } = environmentClient(simulator).beta.environments;
    const taken: string[] = [];
    const drain = work.poller({ environmentId, environmentKey, drain: true, autoStop: false, blockMs: null });
    for await (const item of drain) taken.push(item.id);
    expect(taken).toEqual(waiting);
    expect(prodTruth(simulator)).toMatchObject({ depth: 0, pending: 0, workers_polling: 1, items: { starting: 3 } });
    expect(prodTruth(simulator).requests.poll).toEqual({ 200: waiting.length + 1 });
    simulator.advance(30);
    expect(prodTruth(simulator).workers_polling).toBe(0);
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
    simulator.sessions.find(id).terminate();
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
});
