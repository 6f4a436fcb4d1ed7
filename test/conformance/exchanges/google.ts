import { PAGE_KEYS, type ProviderExchanges, STATS_KEYS, WORK_KEYS } from './exchange.ts';

const HEADERS = {
  'anthropic-version': '2023-06-01',
  'anthropic-beta': 'managed-agents-2026-04-01',
  authorization: 'Bearer {api_key}',
  'x-api-key': null,
};
const EVIDENCE = 'SDK: bearer token of Google, the path of the project before the usual one, everything else verbatim';

export const GOOGLE: ProviderExchanges = {
  // The simulator serves no such prefix: the client is tried with it, the simulator without.
  basePath: '/v1alpha/projects/p/locations/global/workspaces/w/invoke',
  workspaceId: null,
  sent: [
    {
      read: 'environments',
      credential: 'api_key',
      request: 'GET /v1/environments?limit=1000&include_archived=true',
      headers: HEADERS,
      status: 200,
      keys: PAGE_KEYS,
      evidence: EVIDENCE,
    },
    {
      read: 'stats',
      credential: 'api_key',
      request: 'GET /v1/environments/{env}/work/stats',
      headers: HEADERS,
      status: 200,
      keys: STATS_KEYS,
      evidence: EVIDENCE,
    },
    {
      read: 'list',
      credential: 'api_key',
      request: 'GET /v1/environments/{env}/work?limit=1000',
      headers: HEADERS,
      status: 200,
      keys: PAGE_KEYS,
      evidence: EVIDENCE,
    },
    {
      read: 'retrieve',
      credential: 'api_key',
      request: 'GET /v1/environments/{env}/work/{work}',
      headers: HEADERS,
      status: 200,
      keys: WORK_KEYS,
      evidence: EVIDENCE,
    },
  ],
  refused: [
    {
      request: 'GET /v1/environments/{env}/work/stats',
      headers: { ...HEADERS, authorization: null, 'x-api-key': '{api_key}' },
      status: 401,
      reason: 'unauthorized',
      evidence: 'SDK: no x-api-key on Google',
    },
  ],
};
