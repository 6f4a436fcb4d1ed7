import { type ProviderExchanges, STATS_KEYS, WORK_KEYS } from './exchange.ts';

const HEADERS = {
  authorization: 'Bearer {api_key}',
  'x-api-key': null,
  'anthropic-version': null,
  'anthropic-beta': null,
};

export const QODER: ProviderExchanges = {
  basePath: '',
  workspaceId: null,
  sent: [
    {
      read: 'stats',
      credential: 'api_key',
      request: 'GET /api/v1/cloud/environments/{env}/work/stats',
      headers: HEADERS,
      status: 200,
      keys: STATS_KEYS,
      evidence: 'QODER: one PAT as bearer token for all, its own prefix, no version headers',
    },
    {
      read: 'list',
      credential: 'api_key',
      request: 'GET /api/v1/cloud/environments/{env}/work?limit=100',
      headers: HEADERS,
      status: 200,
      keys: ['data', 'has_more', 'first_id', 'last_id'],
      evidence: 'QODER: limit up to 100; has_more, first_id and last_id',
    },
    {
      read: 'retrieve',
      credential: 'api_key',
      request: 'GET /api/v1/cloud/environments/{env}/work/{work}',
      headers: HEADERS,
      status: 200,
      keys: WORK_KEYS,
      evidence: 'QODER',
    },
  ],
  refused: [
    {
      request: 'GET /api/v1/cloud/environments/{env}/work/stats',
      headers: { ...HEADERS, authorization: 'Bearer garbage' },
      status: 401,
      reason: 'unauthorized',
      evidence: 'QODER: 401 for an unknown token',
    },
  ],
};
