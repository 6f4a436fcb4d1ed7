import Anthropic from '@anthropic-ai/sdk';
import type { BetaRunnableTool } from '@anthropic-ai/sdk/lib/tools/BetaRunnableTool';
import type { TestSimulator } from '../simulator/support/simulators.ts';

/** The official client as an operator uses it: with the organization's API key. */
export function managementClient(simulator: TestSimulator): Anthropic {
  return new Anthropic({ baseURL: simulator.url, apiKey: simulator.apiKey, maxRetries: 0, logLevel: 'off' });
}

/** The official client with a key of the first environment. */
export function environmentClient(simulator: TestSimulator): Anthropic {
  const { environmentKey } = simulator.prod;
  return new Anthropic({
    baseURL: simulator.url,
    apiKey: null,
    authToken: environmentKey,
    maxRetries: 0,
    logLevel: 'off',
  });
}

/** The official worker, unmodified, polling the first environment. */
export function runWorker(
  simulator: TestSimulator,
  options: { tools?: BetaRunnableTool[]; maxIdleMs?: number; workerId?: string } = {},
) {
  const { id, environmentKey } = simulator.prod;
  const abort = new AbortController();
  const worker = managementClient(simulator).beta.environments.work.worker({
    environmentId: id,
    environmentKey,
    tools: options.tools ?? [],
    // Long unless a test wants the session to end by itself.
    maxIdleMs: options.maxIdleMs ?? 60_000,
    ...(options.workerId === undefined ? {} : { workerId: options.workerId }),
  });
  const ended = worker.run(abort.signal);
  return {
    async stop() {
      abort.abort();
      // Aborting in mid-item makes the worker's loop throw the abort.
      await ended.catch(() => {});
    },
  };
}
