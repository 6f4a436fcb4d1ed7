/**
 * The official JavaScript worker, unmodified, as the program that test/conformance/official-workers.test.ts starts: it takes
 * the address, the environment's id and the seconds that a session may be idle, and the key from the environment.
 */
import Anthropic from '@anthropic-ai/sdk';

const [baseURL, environmentId, idleSeconds] = process.argv.slice(2);
const environmentKey = process.env.ANTHROPIC_ENVIRONMENT_KEY;
if (environmentId === undefined || environmentKey === undefined)
  throw new Error('needs URL ENVIRONMENT_ID IDLE_SECONDS');

const abort = new AbortController();
process.once('SIGTERM', () => abort.abort());
await new Anthropic({ baseURL, apiKey: null, authToken: environmentKey, maxRetries: 0 }).beta.environments.work
  .worker({
    environmentId,
    environmentKey,
    maxIdleMs: Number(idleSeconds) * 1000,
    tools: [
      {
        type: 'custom',
        name: 'echo',
        description: 'Says it again.',
        input_schema: { type: 'object' },
        parse: (input) => input,
        run: async (input) => JSON.stringify(input),
      },
    ],
  })
  .run(abort.signal)
  .catch((error) => {
    // Aborting in mid-item makes the worker's loop throw the abort.
    if (!abort.signal.aborted) throw error;
  });
