import { expect, it } from 'vitest';
import { remedyForPath } from '../../src/server/remedy-for-path.ts';
import { serverDeps, startServer } from '../support/http-server.ts';
import { buildEnvironment, buildState } from '../support/states.ts';

it.each([
  ['/health', '/-/healthy'],
  ['/healthz', '/-/healthy'],
  ['/livez?verbose', '/-/healthy'],
  ['/-/health', '/-/healthy'],
  ['/ready', '/-/ready'],
  ['/readyz/', '/-/ready'],
  ['/Metrics', '/metrics'],
  ['/metric', '/metrics'],
  ['/status', '/'],
  ['/environments', '/'],
  ['/index.html', '/'],
  ['/reload', 'POST /-/reload'],
  ['/drill', 'POST /-/drill'],
  ['/api', '/api/v1/environments'],
  ['/api/v1/', '/api/v1/environments'],
  ['/api/environments', '/api/v1/environments'],
  ['/api/v1/environment', '/api/v1/environments'],
  ['/api/v1/environment/env_1', '/api/v1/environments/ID'],
  ['/api/v1/environments/env_1/scale', '/api/v1/environments/ID/scaling'],
  ['/environment/env_1', '/environments/ID'],
  ['/runbook/NoWorkers', '/runbooks'],
  ['/sd', '/api/v1/sd'],
])('%s was meant to be %s', (asked, here) => {
  expect(remedyForPath(asked)).toBe(`Did you mean ${here}?`);
});

it.each([
  '/favicon.ico',
  '/',
  '//',
  '',
  '/debug/pprof',
  `/${'health'.repeat(40)}`,
  '/api/v2',
  '/healthy/x',
  '/x?y=/health',
])('nothing is known of %s', (asked) => {
  expect(remedyForPath(asked)).toBe('The page at / has links to what there is.');
});

const named = (id: string, name: string) => buildState(id, { environment: buildEnvironment(id, { name }) });
const STATES = [named('env_1', 'prod'), named('env_2', 'twin'), named('env_3', 'twin'), named('env_4', 'a b')];
const MANY = ['env_5', 'env_6', 'env_7', 'env_8'].map((id) => named(id, 'many'));

it.each([
  ['/health', 'Did you mean /-/healthy?'],
  ['/api/v1/environment', 'Did you mean /api/v1/environments?'],
  ['/environments/prod', 'That is a name; the id is env_1.'],
  ['/environments/a%20b', 'That is a name; the id is env_4.'],
  ['/environments/twin', 'That is a name; the id is env_2 or env_3.'],
  ['/environments/many', 'That is a name; the id is env_5 or env_6 or env_7.'],
  ['/environments/env_9', 'GET / lists those it watches; with shards, another process may have it.'],
  ['/api/v1/environments/prod', 'That is a name; the id is env_1.'],
  ['/api/v1/environments/prod/scaling', 'That is a name; the id is env_1.'],
  [
    '/api/v1/environments/Prod',
    'GET /api/v1/environments lists those it watches; with shards, another process may have it.',
  ],
  ['/probe?environment_id=prod', 'That is a name; the id is env_1.'],
  ['/probe?environment_id=env_9', 'GET /api/v1/sd lists those it watches; with shards, another process may have it.'],
])('%s is a 404 that says what to ask for', async (path, remedy) => {
  await using server = await startServer(serverDeps([...STATES, ...MANY]));
  const answer = await fetch(`${server.url}${path}`);
  expect(answer.status).toBe(404);
  expect(await answer.text()).toContain(remedy);
});
