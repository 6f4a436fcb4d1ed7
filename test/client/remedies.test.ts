import { expect, it } from 'vitest';
import type { WorkApi } from '../../src/client/work-api.ts';
import { startPair } from './start-pair.ts';
import { failureOf } from './test-client.ts';
import { apiError, json } from './test-server.ts';

const stats = (api: WorkApi) => api.stats('env_1');
const list = (api: WorkApi) => api.listPage('env_1', { limit: 10, page: null });
const nextPage = (api: WorkApi) => api.listPage('env_1', { limit: 10, page: 'two' });
const discover = (api: WorkApi) => api.listEnvironments({ limit: 10, page: null });

/** What a read is answered with, and what its remedy must name. Lists are read with the environment key, all else with the API key. */
it.each<[number, said: string, read: (api: WorkApi) => Promise<unknown>, reason: string, remedy: RegExp]>([
  [401, 'Invalid bearer token', list, 'unauthorized', /complete and has not expired .* Environment keys\.$/],
  [401, 'OAuth access token has been revoked.', list, 'unauthorized', /was revoked\. Create one .*env_1/],
  [
    403,
    'Token not authorized for this environment',
    list,
    'forbidden',
    /file \/run\/secrets\/env-key and the id env_1/,
  ],
  [401, 'environment key is not valid for this environment', list, 'unauthorized', /only its own environment/],
  [401, 'invalid environment key', list, 'unauthorized', /mistyped, revoked, has expired/],
  [401, 'x-api-key header is required', stats, 'unauthorized', /removes request headers/],
  [401, 'Authentication failed', stats, 'unauthorized', /file \/run\/secrets\/api-key is complete/],
  [403, 'no', stats, 'forbidden', /belongs to the workspace of env_1/],
  [403, 'organization_on_hold', stats, 'forbidden', /on hold/],
  [400, 'claude_code_key_creator_not_member', stats, 'client_error', /left the organization/],
  [402, '', stats, 'client_error', /billing/],
  [404, 'not found', stats, 'not_found', /Check that env_1 exists/],
  [404, 'not found', nextPage, 'client_error', /starts the list over/],
  [422, 'no', nextPage, 'client_error', /starts the list over/],
  [404, 'The work API is only available for self-hosted environments.', list, 'not_self_hosted', /self-hosted/],
  [400, 'Only BYOC and bridge environments support work polling.', list, 'not_self_hosted', /self-hosted/],
  [404, '', discover, 'not_found', /base_url and provider/],
  [429, '', stats, 'rate_limited', /lower requests_per_minute/],
  [429, 'enforced_spend_limit_reached', stats, 'rate_limited', /spend limit/],
  [408, '', stats, 'timeout', /tries again by itself/],
  [529, '', stats, 'server_error', /overloaded/],
  [302, '', stats, 'client_error', /base_url/],
  [206, '', stats, 'bad_response', /base_url/],
  [418, '', stats, 'client_error', /base_url/],
])('%d "%s" ends in what to do', async (status, said, read, reason, remedy) => {
  const { api } = await startPair(
    ({ headers }, response) => json(response, status, apiError('some_error', `${said} ${JSON.stringify(headers)}`)),
    { ...(read === list || read === nextPage ? {} : { environmentKey: null }) },
  );
  const { failure } = await failureOf(read(api));
  expect(failure).toMatchObject({ reason, httpStatus: status, remedy: expect.stringMatching(remedy) });
  expect(failure.remedy).toMatch(/^[A-Z].*\.$/);
  expect(failure.message).not.toContain(said || 'TEST');
});
