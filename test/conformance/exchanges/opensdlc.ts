import { PAGE_KEYS, type ProviderExchanges, STATS_KEYS, WORK_KEYS } from './exchange.ts';

const API_KEY = { 'x-api-key': '{api_key}', authorization: null };
const ENVIRONMENT_KEY = { authorization: 'Bearer {environment_key}', 'x-api-key': null };

/** Of a run with PostgreSQL and the official worker. */
export const OPENSDLC: ProviderExchanges = {
  basePath: '',
  workspaceId: null,
  sent: [
    {
      read: 'environments',
      credential: 'api_key',
      request: 'GET /v1/environments?limit=100&include_archived=true',
      headers: API_KEY,
      status: 200,
      keys: PAGE_KEYS,
      evidence: 'OSDLC, run: an API key only in x-api-key; at most 100 on every list',
    },
    {
      read: 'stats',
      credential: 'environment_key',
      request: 'GET /v1/environments/{env}/work/stats',
      headers: ENVIRONMENT_KEY,
      status: 200,
      keys: STATS_KEYS,
      evidence: 'OSDLC, run: all work routes take the environment key alone',
    },
    {
      read: 'list',
      credential: 'environment_key',
      request: 'GET /v1/environments/{env}/work?limit=100',
      headers: ENVIRONMENT_KEY,
      status: 200,
      keys: PAGE_KEYS,
      evidence: 'OSDLC, run',
    },
    {
      read: 'retrieve',
      credential: 'environment_key',
      request: 'GET /v1/environments/{env}/work/{work}',
      headers: ENVIRONMENT_KEY,
      status: 200,
      keys: WORK_KEYS,
      evidence: 'OSDLC, run',
    },
  ],
  refused: [
    {
      request: 'GET /v1/environments?limit=100',
      headers: { authorization: 'Bearer {api_key}', 'x-api-key': null },
      status: 401,
      says: /missing x-api-key header/,
      reason: 'unauthorized',
      evidence: 'OSDLC, run',
    },
    {
      request: 'GET /v1/environments?limit=1000',
      headers: API_KEY,
      status: 400,
      says: /limit/,
      reason: 'client_error',
      evidence: 'OSDLC, run: "limit must be an integer between 1 and 100"',
    },
    {
      request: 'GET /v1/environments/{env}/work?limit=1000',
      headers: ENVIRONMENT_KEY,
      status: 400,
      says: /limit/,
      reason: 'client_error',
      evidence: 'OSDLC, run',
    },
    {
      request: 'GET /v1/environments/{env}/work/stats',
      headers: API_KEY,
      status: 401,
      reason: 'unauthorized',
      evidence: 'OSDLC, run: an API key is refused on work routes',
    },
    {
      request: 'GET /v1/environments/{env}/work/stats',
      headers: { ...ENVIRONMENT_KEY, authorization: 'Bearer {other_environment_key}' },
      status: 401,
      says: /environment key is not valid for this environment/,
      reason: 'unauthorized',
      evidence: 'OSDLC, run',
    },
    {
      request: 'GET /v1/environments/{env}/work/stats',
      headers: { ...ENVIRONMENT_KEY, authorization: 'Bearer garbage' },
      status: 401,
      says: /invalid environment key/,
      reason: 'unauthorized',
      evidence: 'OSDLC, run',
    },
  ],
};
