import type { ApiOperation } from '../../src/domain/environment.ts';
import type { CredentialKind, FailureReason } from '../../src/domain/failure.ts';
import type { ProviderName } from '../../src/wire/presets.ts';

/** Null: the header must not be there. */
type Headers = Readonly<Record<string, string | null>>;

/**
 * One request and its answer as the service's own text or a recording shows it, written down by hand: nothing here is
 * computed from the presets, so that a mistake in them shows.
 *
 * `{env}`, `{work}`, `{api_key}`, `{environment_key}` and `{other_environment_key}` stand for what differs between runs.
 */
export interface Exchange {
  readonly request: string;
  readonly headers: Headers;
  readonly status: number;
  /** Which source says so: docs/design/work-api.md#sources. */
  readonly evidence: string;
}

/** What the exporter sends for a read, and the service takes. */
interface SentExchange extends Exchange {
  readonly read: ApiOperation;
  readonly credential: CredentialKind;
  /** Keys that the answer has at the least. */
  readonly keys: readonly string[];
}

/** What the service refuses, and the exporter must not send by itself. */
interface RefusedExchange extends Exchange {
  readonly reason: FailureReason;
  /** Part of what it says. */
  readonly says?: RegExp | undefined;
}

interface ProviderExchanges {
  /** After the address of the host. */
  readonly basePath: string;
  readonly workspaceId: string | null;
  readonly sent: readonly SentExchange[];
  readonly refused: readonly RefusedExchange[];
}

const PAGE_KEYS = ['data', 'next_page'];
const KEYS: Readonly<Partial<Record<ApiOperation, readonly string[]>>> = {
  environments: PAGE_KEYS,
  list: PAGE_KEYS,
  stats: ['type', 'depth', 'pending', 'oldest_queued_at', 'workers_polling'],
  retrieve: ['id', 'type', 'environment_id', 'data', 'state', 'metadata', 'created_at', 'stopped_at'],
};

type Row = readonly [ApiOperation, request: string, evidence: string, keys?: readonly string[]];

/** What takes these headers, row by row. */
function sent(credential: CredentialKind, headers: Headers, rows: readonly Row[]) {
  return rows.map(([read, request, evidence, keys = KEYS[read]!]): SentExchange => {
    return { read, credential, request, headers, status: 200, keys, evidence };
  });
}

function refused(
  status: number,
  reason: FailureReason,
  request: string,
  headers: Headers,
  evidence: string,
  says?: RegExp,
) {
  return { status, reason, request, headers, evidence, says };
}

const ENVIRONMENTS = 'GET /v1/environments?limit=1000&include_archived=true';
const TOO_MANY = 'GET /v1/environments?limit=1001&include_archived=true';
const STATS = 'GET /v1/environments/{env}/work/stats';
const LIST = 'GET /v1/environments/{env}/work?limit=1000';
const RETRIEVE = 'GET /v1/environments/{env}/work/{work}';

const VERSIONS = { 'anthropic-version': '2023-06-01', 'anthropic-beta': 'managed-agents-2026-04-01' };
const API_KEY = { 'x-api-key': '{api_key}', authorization: null };
const ENVIRONMENT_KEY = { authorization: 'Bearer {environment_key}', 'x-api-key': null };
const OTHER_KEY = { authorization: 'Bearer {other_environment_key}', 'x-api-key': null };
const BEARER = { authorization: 'Bearer {api_key}', 'x-api-key': null };
const GARBAGE = { authorization: 'Bearer garbage', 'x-api-key': null };

const FIXED = { accept: 'application/json', ...VERSIONS };
const ANTHROPIC: ProviderExchanges = {
  basePath: '',
  workspaceId: null,
  sent: [
    ...sent('api_key', { ...FIXED, ...API_KEY }, [
      ['environments', ENVIRONMENTS, 'REF: limit up to 1000, include_archived; curl samples send x-api-key'],
      ['stats', STATS, 'REF (operations page): stats take either key'],
      ['retrieve', RETRIEVE, 'SDK work.ts; REC: an environment key gets 403 here'],
    ]),
    ...sent('environment_key', { ...FIXED, ...ENVIRONMENT_KEY }, [
      ['list', LIST, 'SDK work.ts: list "accepts the environment key as a bearer token. It rejects a Claude API key"'],
    ]),
  ],
  refused: [
    refused(
      401,
      'unauthorized',
      LIST,
      { ...FIXED, ...API_KEY },
      'SDK work.ts: rejects an API key; the status is not recorded',
    ),
    refused(403, 'forbidden', RETRIEVE, { ...FIXED, ...ENVIRONMENT_KEY }, 'REC', /scope requirement/),
    refused(403, 'forbidden', STATS, { ...FIXED, ...OTHER_KEY }, 'REC, of poll', /not authorized for this environment/),
    refused(401, 'unauthorized', STATS, { ...FIXED, ...GARBAGE }, 'REC', /Invalid bearer token/),
    refused(400, 'client_error', TOO_MANY, { ...FIXED, ...API_KEY }, 'REF: limit has a maximum of 1000'),
  ],
};

const OF_AWS = { ...VERSIONS, 'anthropic-workspace-id': 'wrkspc_1', ...API_KEY };
const AWS_KEY = 'REF: an API key of the AWS Console in x-api-key, the workspace id required; IAM action GetEnvironment';
const AWS: ProviderExchanges = {
  basePath: '',
  workspaceId: 'wrkspc_1',
  sent: sent('api_key', OF_AWS, [
    ['environments', ENVIRONMENTS, 'REF: IAM action ListEnvironments'],
    ['stats', STATS, AWS_KEY],
    ['list', LIST, AWS_KEY],
    ['retrieve', RETRIEVE, AWS_KEY],
  ]),
  refused: [
    refused(400, 'client_error', STATS, { ...VERSIONS, ...API_KEY }, 'REF: anthropic-workspace-id is required'),
  ],
};

const GOOGLE_KEY =
  'SDK: bearer token of Google, the path of the project before the usual one, everything else verbatim';
const GOOGLE: ProviderExchanges = {
  // The simulator serves no such prefix: the client is tried with it, the simulator without.
  basePath: '/v1alpha/projects/p/locations/global/workspaces/w/invoke',
  workspaceId: null,
  sent: sent('api_key', { ...VERSIONS, ...BEARER }, [
    ['environments', ENVIRONMENTS, GOOGLE_KEY],
    ['stats', STATS, GOOGLE_KEY],
    ['list', LIST, GOOGLE_KEY],
    ['retrieve', RETRIEVE, GOOGLE_KEY],
  ]),
  refused: [refused(401, 'unauthorized', STATS, { ...VERSIONS, ...API_KEY }, 'SDK: no x-api-key on Google')],
};

const QODER_WORK = 'GET /api/v1/cloud/environments/{env}/work';
const NO_VERSIONS = { 'anthropic-version': null, 'anthropic-beta': null };
const QODER_KEY = 'QODER: one PAT as bearer token for all, its own prefix, no version headers';
const QODER: ProviderExchanges = {
  basePath: '',
  workspaceId: null,
  sent: sent('api_key', { ...NO_VERSIONS, ...BEARER }, [
    ['stats', `${QODER_WORK}/stats`, QODER_KEY],
    ['list', `${QODER_WORK}?limit=100`, 'QODER: limit up to 100', ['data', 'has_more', 'first_id', 'last_id']],
    ['retrieve', `${QODER_WORK}/{work}`, 'QODER'],
  ]),
  refused: [
    refused(
      401,
      'unauthorized',
      `${QODER_WORK}/stats`,
      { ...NO_VERSIONS, ...GARBAGE },
      'QODER: 401 for an unknown token',
    ),
  ],
};

const RUN = 'OSDLC, run';
/** Of a run with PostgreSQL and the official worker. */
const OPENSDLC: ProviderExchanges = {
  basePath: '',
  workspaceId: null,
  sent: [
    ...sent('api_key', API_KEY, [
      [
        'environments',
        ENVIRONMENTS.replace('1000', '100'),
        `${RUN}: an API key only in x-api-key; at most 100 on every list`,
      ],
    ]),
    ...sent('environment_key', ENVIRONMENT_KEY, [
      ['stats', STATS, `${RUN}: all work routes take the environment key alone`],
      ['list', LIST.replace('1000', '100'), RUN],
      ['retrieve', RETRIEVE, RUN],
    ]),
  ],
  refused: [
    refused(401, 'unauthorized', 'GET /v1/environments?limit=100', BEARER, RUN, /missing x-api-key header/),
    refused(
      400,
      'client_error',
      'GET /v1/environments?limit=1000',
      API_KEY,
      `${RUN}: an integer between 1 and 100`,
      /limit/,
    ),
    refused(400, 'client_error', LIST, ENVIRONMENT_KEY, RUN, /limit/),
    refused(401, 'unauthorized', STATS, API_KEY, `${RUN}: an API key is refused on work routes`),
    refused(401, 'unauthorized', STATS, OTHER_KEY, RUN, /environment key is not valid for this environment/),
    refused(401, 'unauthorized', STATS, GARBAGE, RUN, /invalid environment key/),
  ],
};

export const EXCHANGES: Readonly<Record<ProviderName, ProviderExchanges>> = {
  anthropic: ANTHROPIC,
  aws: AWS,
  google: GOOGLE,
  qoder: QODER,
  opensdlc: OPENSDLC,
  // Its documentation says: the same API; other address, and the server's key in place of the API key.
  'self-hosted-service': ANTHROPIC,
};
