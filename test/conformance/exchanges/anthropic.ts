import { PAGE_KEYS, type ProviderExchanges, STATS_KEYS, WORK_KEYS } from './exchange.ts';

const FIXED = {
  accept: 'application/json',
  'anthropic-version': '2023-06-01',
  'anthropic-beta': 'managed-agents-2026-04-01',
};
const API_KEY = { ...FIXED, 'x-api-key': '{api_key}', authorization: null };
const ENVIRONMENT_KEY = { ...FIXED, authorization: 'Bearer {environment_key}', 'x-api-key': null };

export const ANTHROPIC: ProviderExchanges = {
  basePath: '',
  workspaceId: null,
  sent: [
    {
      read: 'environments',
      credential: 'api_key',
      request: 'GET /v1/environments?limit=1000&include_archived=true',
      headers: API_KEY,
      status: 200,
      keys: PAGE_KEYS,
      evidence: 'REF: limit up to 1000, include_archived; curl samples send x-api-key',
    },
    {
      read: 'stats',
      credential: 'api_key',
      request: 'GET /v1/environments/{env}/work/stats',
      headers: API_KEY,
      status: 200,
      keys: STATS_KEYS,
      evidence: 'REF (operations page): stats take either key',
    },
    {
      read: 'list',
      credential: 'environment_key',
      request: 'GET /v1/environments/{env}/work?limit=1000',
      headers: ENVIRONMENT_KEY,
      status: 200,
      keys: PAGE_KEYS,
      evidence: 'SDK work.ts: list "accepts the environment key as a bearer token. It rejects a Claude API key"',
    },
    {
      read: 'retrieve',
      credential: 'api_key',
      request: 'GET /v1/environments/{env}/work/{work}',
      headers: API_KEY,
      status: 200,
      keys: WORK_KEYS,
      evidence: 'SDK work.ts; REC: an environment key gets 403 here',
    },
  ],
  refused: [
    {
      request: 'GET /v1/environments/{env}/work?limit=1000',
      headers: API_KEY,
      status: 401,
      reason: 'unauthorized',
      evidence: 'SDK work.ts: rejects an API key; whether with 401 or 403 is not recorded',
    },
    {
      request: 'GET /v1/environments/{env}/work/{work}',
      headers: ENVIRONMENT_KEY,
      status: 403,
      says: /scope requirement/,
      reason: 'forbidden',
      evidence: 'REC',
    },
    {
      request: 'GET /v1/environments/{env}/work/stats',
      headers: { ...ENVIRONMENT_KEY, authorization: 'Bearer {other_environment_key}' },
      status: 403,
      says: /Token not authorized for this environment/,
      reason: 'forbidden',
      evidence: 'REC, of poll',
    },
    {
      request: 'GET /v1/environments/{env}/work/stats',
      headers: { ...ENVIRONMENT_KEY, authorization: 'Bearer garbage' },
      status: 401,
      says: /Invalid bearer token/,
      reason: 'unauthorized',
      evidence: 'REC',
    },
    {
      request: 'GET /v1/environments?limit=1001&include_archived=true',
      headers: API_KEY,
      status: 400,
      reason: 'client_error',
      evidence: 'REF: limit has a maximum of 1000',
    },
  ],
};
