import { expect, it, onTestFinished } from 'vitest';
import { createTestClient, failureOf } from './test-client.ts';
import { apiError, json, startServer } from './test-server.ts';

const provider = 'self-hosted-service' as const;
const VENDOR = /Console|status page/;

/** Nobody but its administrators can put a server of one's own right. */
it.each([
  [401, /administrator of the server/],
  [500, /your server first/],
  [503, /your server first/],
])('%d from a server of one’s own names who can put it right', async (status, remedy) => {
  const server = await startServer((_, response) => json(response, status, apiError('api_error', 'no')));
  const { api } = createTestClient(server.url, { connection: { provider } });
  onTestFinished(async () => {
    await api.close();
    await server.close();
  });
  const { failure } = await failureOf(api.stats('env_1'));
  expect(failure).toMatchObject({ httpStatus: status, remedy: expect.stringMatching(remedy) });
  expect(failure.remedy).not.toMatch(VENDOR);
});

it('a server of one’s own that is down is the first suspect', async () => {
  const server = await startServer((_, response) => json(response, 200, {}));
  await server.close();
  const { api } = createTestClient(server.url, { connection: { provider } });
  onTestFinished(() => api.close());
  const { failure } = await failureOf(api.stats('env_1'));
  expect(failure).toMatchObject({
    reason: 'network',
    remedy: expect.stringMatching(/^Look first whether your server/),
  });
});
