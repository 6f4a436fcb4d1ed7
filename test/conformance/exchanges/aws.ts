import { PAGE_KEYS, type ProviderExchanges, STATS_KEYS, WORK_KEYS } from './exchange.ts';

const HEADERS = {
  'anthropic-version': '2023-06-01',
  'anthropic-beta': 'managed-agents-2026-04-01',
  'anthropic-workspace-id': 'wrkspc_1',
  'x-api-key': '{api_key}',
  authorization: null,
};
const EVIDENCE =
  'REF: an API key of the AWS Console in x-api-key, the workspace id required; IAM action GetEnvironment';

export const AWS: ProviderExchanges = {
  basePath: '',
  workspaceId: 'wrkspc_1',
  sent: [
    {
      read: 'environments',
      credential: 'api_key',
      request: 'GET /v1/environments?limit=1000&include_archived=true',
      headers: HEADERS,
      status: 200,
      keys: PAGE_KEYS,
      evidence: 'REF: IAM action ListEnvironments',
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
      headers: { ...HEADERS, 'anthropic-workspace-id': null },
      status: 400,
      reason: 'client_error',
      evidence: 'REF: anthropic-workspace-id is required',
    },
  ],
};
