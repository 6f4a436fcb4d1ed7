import { describe, expect, it } from 'vitest';
import type { WorkApi } from '../../src/client/work-api.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { failureOf, startPair } from './test-client.ts';
import { apiError, json } from './test-server.ts';

const stats = (api: WorkApi) => api.stats('env_1');
const list = (api: WorkApi) => api.listPage('env_1', { limit: 10, page: null });
const nextPage = (api: WorkApi) => api.listPage('env_1', { limit: 10, page: 'two' });
const discover = (api: WorkApi) => api.listEnvironments({ limit: 10, page: null });

/** What a read is answered with, and what its remedy must name. Lists are read with the environment key, all else with the API key. */
it.each<[number, said: string, read: (api: WorkApi) => Promise<unknown>, reason: string, remedy: RegExp]>([
  [401, 'Invalid bearer token', list, 'unauthorized', /env-key .* Environment keys/],
  [401, 'Authentication failed', stats, 'unauthorized', /api-key .* API keys/],
  [401, 'environment key is not valid for this environment', list, 'unauthorized', /only its own environment/],
  [401, 'x-api-key header is required', stats, 'unauthorized', /request headers/],
  [403, 'Token not authorized for this environment', list, 'forbidden', /env-key and the id env_1/],
  [403, 'no', stats, 'forbidden', /workspace of env_1/],
  [403, 'organization_on_hold', stats, 'forbidden', /on hold/],
  [400, 'claude_code_key_creator_not_member', stats, 'client_error', /left the organization/],
  [402, '', stats, 'client_error', /billing/],
  [404, 'not found', stats, 'not_found', /env_1/],
  [404, 'not found', nextPage, 'client_error', /starts the list over/],
  [422, 'no', nextPage, 'client_error', /starts the list over/],
  [404, 'The work API is only available for self-hosted environments.', list, 'not_self_hosted', /self-hosted/],
  [400, 'Only BYOC and bridge environments support work polling.', list, 'not_self_hosted', /self-hosted/],
  [404, '', discover, 'not_found', /base_url and provider/],
  [429, '', stats, 'rate_limited', /requests_per_minute/],
  [429, 'enforced_spend_limit_reached', stats, 'rate_limited', /spend limit/],
  [408, '', stats, 'timeout', /failing/],
  [503, '', stats, 'server_error', /failing/],
  [529, '', stats, 'server_error', /overloaded/],
  [302, '', stats, 'client_error', /base_url/],
  [206, '', stats, 'bad_response', /base_url/],
  [418, '', stats, 'client_error', /base_url/],
])('%d "%s" has a reason and what to do, and its words are not shown', async (status, said, read, reason, remedy) => {
  const { api, sent } = await startPair(
    ({ headers }, response) => json(response, status, apiError('some_error', `${said} ${JSON.stringify(headers)}`)),
    { ...(read === list || read === nextPage ? {} : { environmentKey: null }) },
  );
  const error = await failureOf(read(api));
  expect(error.code).toBe(`api_${reason}`);
  expect(error.failure).toMatchObject({ reason, httpStatus: status, requestId: 'req_test1' });
  expect(error.failure.remedy).toMatch(remedy);
  expect(error.failure.message).toMatch(new RegExp(` was answered with ${status} some_error$`));
  expect(sent.at(-1)).toMatchObject({ reason });
});

describe('a refusal', () => {
  const PAGE = '<html><head><title>403 Forbidden</title></head><body>blocked</body></html>';
  const HTML = { 'content-type': 'text/html; charset=utf-8' };
  it.each([
    ['403 with a page', 403, HTML, PAGE, 'bad_response'],
    ['403 with a page that does not say that it is one', 403, {}, `<!DOCTYPE html>${PAGE}`, 'bad_response'],
    ['403 with a text that says that it is a page', 403, { 'content-type': 'Text/HTML' }, 'no', 'bad_response'],
    ['404 with a page', 404, HTML, PAGE, 'bad_response'],
    ['500 with a word', 500, {}, 'nginx', 'server_error'],
    ['404 with a word', 404, { 'content-type': 'text/plain' }, '404 page not found', 'not_found'],
    ['404 without a body', 404, HTML, '', 'not_found'],
    ['407 with a page', 407, HTML, PAGE, 'client_error'],
    ['403 with JSON that says that it is a page', 403, HTML, '{"error":{"message":"no"}}', 'forbidden'],
    ['401 without a body', 401, HTML, '', 'unauthorized'],
  ])('%s says as much about the key as it can', async (_, status, headers, body, reason) => {
    const { api, server, verdicts } = await startPair((__, response) => response.writeHead(status, headers).end(body));
    const { failure } = await failureOf(api.stats('env_1'));
    expect(failure).toMatchObject({ reason, httpStatus: status });
    const isRefused = reason === 'unauthorized' || reason === 'forbidden';
    expect(verdicts.api_key).toBe(isRefused ? true : reason === 'not_found' ? false : undefined);
    expect(failure.requestId).toBeNull();
    if (reason !== 'bad_response') return;
    expect(failure.message).toBe(`Reading the stats of env_1 was answered with ${status} and an HTML page`);
    expect(failure.remedy).toContain('says nothing about the key');
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ['req_011CSHoEeqs5C35K2UUqR7FyAbCdEfGh', true],
    ['5e0f2a1b-8c1d-4f6e-9a7b-0c1d2e3f4a5b', true],
    ['sk-ant-api03-abcdef', false],
    ['with space', false],
    ['x'.repeat(129), false],
  ])('shows the request id of its header as it is, or none: %s', async (id, isShown) => {
    const { api } = await startPair((_, response) => json(response, 401, {}, { 'request-id': id }));
    expect((await failureOf(api.stats('env_1'))).failure.requestId).toBe(isShown ? id : null);
  });

  it.each([
    ['7', 7000],
    ['43200', 300_000],
    ['Tue, 24 Nov 2026 12:00:30 GMT', 30_000],
  ])('429 with retry-after %s stops the whole budget for so long', async (header, ms) => {
    const clock = new ManualClock();
    const headers = { 'retry-after': header, date: new Date(clock.now()).toUTCString() };
    const { api, budget, server } = await startPair(
      (_, response) => json(response, 429, apiError('rate_limit_error', 'slow'), headers),
      { clock },
    );
    expect((await failureOf(api.stats('env_1'))).retryAfterMs).toBe(ms);
    expect(server.requests).toHaveLength(1);
    expect(budget.pauseMs).toBe(ms);
  });
});

/** Nobody but its administrators can put a server of one's own right. */
it.each([
  [401, /administrator of the server/],
  [503, /your server first/],
  [null, /^Look first whether your server/],
])('%s from a server of one’s own names who can put it right', async (status, remedy) => {
  const { api } = await startPair(
    ({ socket }, response) => (status === null ? socket.destroy() : response.writeHead(status).end()),
    { connection: { provider: 'self-hosted-service' }, environmentKey: null },
  );
  const { failure } = await failureOf(api.stats('env_1'));
  expect(failure).toMatchObject({ httpStatus: status, remedy: expect.stringMatching(remedy) });
  expect(failure.remedy).not.toMatch(/Console|status page/);
});
