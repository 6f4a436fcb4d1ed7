import type { ApiOperation } from '../domain/environment.ts';
import type { CredentialKind } from '../domain/failure.ts';

export const PROVIDERS = ['anthropic', 'aws', 'google', 'qoder', 'opensdlc', 'self-hosted-service'] as const;
export type ProviderName = (typeof PROVIDERS)[number];

/** Every difference between the services that speak this API. Client and simulator both read this table. */
export interface ProviderPreset {
  readonly provider: ProviderName;
  /** Used when the configuration names none; null: the configuration must name one. */
  readonly defaultBaseUrl: string | null;
  /** Shown in the error about a missing base URL. */
  readonly baseUrlTemplate: string;
  /** The part of the path where Anthropic has `/v1`. */
  readonly pathPrefix: string;
  /** Credentials per operation, in order of preference; an empty list: the provider does not offer it. */
  readonly credentials: Readonly<Record<ApiOperation, readonly CredentialKind[]>>;
  /** How the API key is sent; environment keys are always bearer tokens. */
  readonly apiKeyHeader: 'x-api-key' | 'bearer';
  /** Whether `anthropic-version` and `anthropic-beta` are sent. */
  readonly versionHeaders: boolean;
  readonly workspaceRequired: boolean;
  /** False: an environment key in the configuration is an error. */
  readonly environmentKeys: boolean;
  /** Default of `requests_per_minute`. */
  readonly requestsPerMinute: number;
  readonly remedies: ServiceRemedies;
  /** Largest `limit` of a page of work, and of a page of environments. */
  readonly maxPageSize: number;
  readonly maxEnvironmentsPageSize: number;
  /** `next_page`, or `has_more` with `last_id` beside it. */
  readonly paging: 'cursor' | 'cursor-or-last-id';
  /** True if `started_at` is stamped when the item is queued: docs/design/work-api.md#started_at. */
  readonly startedAtIsEnqueueStamp: boolean;
  /** True if an item that is handed out again gets a new id: docs/design/README.md#counting. */
  readonly idsRotate: boolean;
  /** Default of `thresholds.stale_heartbeat`, seconds. */
  readonly staleHeartbeatSeconds: number;
  /** The header in which a worker sends its id; only the simulator needs it. */
  readonly workerIdHeader: string;
}

/** Where and by whom things are put right, in the words of remedies. */
export interface ServiceRemedies {
  /** Where a key is made; follows `create one`. */
  readonly keysMade: Readonly<Record<CredentialKind, string>>;
  /** Whole sentences: what to look at while the API answers with errors of its own. */
  readonly failing: string;
  /** A whole sentence that comes before what to check on the way to the API; empty where the way is the only suspect. */
  readonly unreachable: string;
}

/** The version header of the public reference; the Work API is known to behave the same under newer ones. */
export const ANTHROPIC_VERSION = '2023-06-01';
export const MANAGED_AGENTS_BETA = 'managed-agents-2026-04-01';
/** Tried after a provider has rejected a larger `limit`. */
export const FALLBACK_PAGE_SIZE = 100;

const anthropic: ProviderPreset = {
  provider: 'anthropic',
  defaultBaseUrl: 'https://api.anthropic.com',
  baseUrlTemplate: 'https://api.anthropic.com',
  pathPrefix: '/v1',
  credentials: {
    stats: ['api_key', 'environment_key'],
    list: ['environment_key'],
    retrieve: ['api_key'],
    environments: ['api_key'],
    session: ['api_key', 'environment_key'],
  },
  apiKeyHeader: 'x-api-key',
  versionHeaders: true,
  workspaceRequired: false,
  environmentKeys: true,
  // The vendor's own limit of reads is shared by everything that an organization sends.
  requestsPerMinute: 240,
  remedies: {
    keysMade: { api_key: 'in Console → API keys', environment_key: 'in Console → Environments → Environment keys' },
    failing: 'If it lasts, see the status page of the API.',
    unreachable: '',
  },
  maxPageSize: 1000,
  maxEnvironmentsPageSize: 1000,
  paging: 'cursor',
  startedAtIsEnqueueStamp: true,
  idsRotate: false,
  staleHeartbeatSeconds: 120,
  workerIdHeader: 'anthropic-worker-id',
};

const own: readonly CredentialKind[] = ['api_key'];
const apiKeyOnly = { stats: own, list: own, retrieve: own, environments: own, session: own };

/** A service of another vendor, without Anthropic's Console. */
const otherVendor: ServiceRemedies = {
  ...anthropic.remedies,
  keysMade: { api_key: 'where the service makes keys', environment_key: 'where the service makes keys' },
};

/** Where each value comes from: docs/design/providers.md#where-the-presets-come-from. */
export const PRESETS: Readonly<Record<ProviderName, ProviderPreset>> = {
  anthropic,
  aws: {
    ...anthropic,
    provider: 'aws',
    defaultBaseUrl: null,
    baseUrlTemplate: 'https://aws-external-anthropic.REGION.api.aws',
    credentials: apiKeyOnly,
    workspaceRequired: true,
    environmentKeys: false,
    remedies: otherVendor,
  },
  google: {
    ...anthropic,
    provider: 'google',
    defaultBaseUrl: null,
    baseUrlTemplate:
      'https://claude.googleapis.com/v1alpha/projects/PROJECT/locations/LOCATION/workspaces/WORKSPACE_ID/invoke',
    credentials: apiKeyOnly,
    apiKeyHeader: 'bearer',
    environmentKeys: false,
    remedies: otherVendor,
  },
  qoder: {
    ...anthropic,
    provider: 'qoder',
    defaultBaseUrl: 'https://api.qoder.com',
    baseUrlTemplate: 'https://api.qoder.com',
    pathPrefix: '/api/v1/cloud',
    credentials: { ...apiKeyOnly, environments: [], session: [] },
    apiKeyHeader: 'bearer',
    versionHeaders: false,
    environmentKeys: false,
    remedies: otherVendor,
    maxPageSize: 100,
    maxEnvironmentsPageSize: 100,
    paging: 'cursor-or-last-id',
    startedAtIsEnqueueStamp: false,
    workerIdHeader: 'worker-id',
  },
  opensdlc: {
    ...anthropic,
    provider: 'opensdlc',
    defaultBaseUrl: null,
    baseUrlTemplate: 'https://managed-agents.example.com',
    credentials: { ...anthropic.credentials, stats: ['environment_key'], retrieve: ['environment_key'] },
    remedies: otherVendor,
    maxPageSize: 100,
    maxEnvironmentsPageSize: 100,
    startedAtIsEnqueueStamp: false,
    idsRotate: true,
    staleHeartbeatSeconds: 60,
  },
  'self-hosted-service': {
    ...anthropic,
    provider: 'self-hosted-service',
    defaultBaseUrl: null,
    baseUrlTemplate: 'https://cma.example.com',
    requestsPerMinute: 1200,
    remedies: {
      keysMade: {
        api_key: 'with the administrator of the server (its server API key)',
        environment_key: 'with the administrator of the server',
      },
      failing: 'Look at your server first: its processes, its database, its log.',
      unreachable: 'Look first whether your server runs and its certificate is valid.',
    },
  },
};
