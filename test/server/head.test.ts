import { expect, it } from 'vitest';
import { startServer } from '../support/http-server.ts';
import { ask, TWO } from './ask.ts';

/** Every route that answers a GET, and what it answers where it knows nothing. */
const PATHS: readonly string[] = [
  '/',
  '/?q=env_1',
  '/environments/env_1',
  '/environments/env_9',
  '/runbooks',
  '/runbooks/AnthropicWorkNoWorkers',
  '/runbooks/NoWorkers.md',
  '/runbooks/AnthropicWorkNothing',
  '/metrics',
  '/-/healthy',
  '/-/ready',
  '/api/v1/environments',
  '/api/v1/environments/env_1',
  '/api/v1/environments/env_9',
  '/api/v1/environments/env_1/scaling',
  '/api/v1/sd',
  '/probe?environment_id=env_1',
  '/probe?environment_id=env_9',
  '/probe',
  '/nothing',
];

/** Without what is of the moment, and of the connection, which the client ends after a HEAD. */
function said({ headers, ...answer }: Awaited<ReturnType<typeof ask>>) {
  const { date, connection, 'keep-alive': keepAlive, ...others } = headers;
  return { ...answer, headers: others };
}

it.each(PATHS)('HEAD of %s has the status and the headers of GET, its length included, and no body', async (path) => {
  await using server = await startServer(TWO);
  for (const encoding of ['identity', 'gzip']) {
    const headers = { 'accept-encoding': encoding };
    const get = await ask(`${server.url}${path}`, { headers });
    const head = await ask(`${server.url}${path}`, { headers, method: 'HEAD' });
    expect(Number(get.headers['content-length']), encoding).toBeGreaterThan(0);
    expect(said(head), encoding).toEqual({ ...said(get), text: '' });
  }
});
