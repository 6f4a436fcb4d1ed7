import { PRESETS, type ProviderName } from '../../wire/presets.ts';

/**
 * What differs between the services that speak this API, or is not known of the real one:
 * docs/design/work-api.md#unknown and docs/design/work-api.md#variants.
 *
 * The defaults of a preset are the recorded behaviour; where nothing is recorded they are the most likely one, and
 * docs/simulator.md says so.
 */
export interface Switches {
  /** The order of the work list. Undocumented on the real service. */
  readonly listOrder: 'newest' | 'oldest' | 'shuffled';
  /** Largest `limit` of a list. */
  readonly maxPageSize: number;
  /** Largest `limit` of a page of environments. */
  readonly maxEnvironmentsPageSize: number;
  /** What a larger `limit` gets: a 400, or the largest page. */
  readonly overLimit: 'refuse' | 'cap';
  /** `next_page` alone, or `has_more`, `first_id` and `last_id` beside it. */
  readonly paging: 'cursor' | 'cursor-or-last-id';
  /** Leaves `next_page` out where `has_more` and `last_id` say the same. */
  readonly omitNextPage: boolean;
  /** Seconds of lease granted when a heartbeat asks for nothing, and the most it can ask for. */
  readonly leaseTtlSeconds: number;
  /** Seconds granted to the heartbeat that meets a `stopping` item: 120 was recorded. */
  readonly stoppingTtlSeconds: number;
  /** Adds the undocumented key `actor: null` to every item. */
  readonly actor: boolean;
  /** Whether items carry the key `secret` at all. */
  readonly secretKey: 'present' | 'missing';
  /** Whether a poll answers with a secret, so that the worker uses a sessions token. */
  readonly issueSecret: boolean;
  /** Whether the lease of an item that never had a heartbeat lapses; false: it stays `starting` for good. Disputed. */
  readonly startingLapses: boolean;
  /** Digits of a second in timestamps, 0 to 9. */
  readonly fractionDigits: number;
  /** Stopped items disappear after so many seconds; null keeps them for good. */
  readonly retentionSeconds: number | null;
  readonly startedAt: 'enqueue' | 'first-heartbeat';
  /** The item's id is the session's id, or one of its own. */
  readonly idForm: 'session' | 'work';
  readonly sessionPrefix: 'sesn' | 'sess';
  /** True: an item handed out again has a new id. */
  readonly rotateIds: boolean;
  /** Strict: only the preset's credentials may list. Lenient: the API key may, too. */
  readonly listCredential: 'strict' | 'lenient';
  /** Which keys of an organization read sessions; `none`: the service has no such endpoint. */
  readonly sessionCredential: 'either' | 'api_key' | 'environment_key' | 'none';
  /** Whether an API key is also taken as a bearer token where it belongs into `x-api-key`, as SDKs send it. */
  readonly apiKeyAsBearer: boolean;
  /** What a key of another environment, and an unknown one, gets. */
  readonly wrongKeyWords: 'recorded' | 'opensdlc';
  /** Status of an API key on an endpoint for environment keys; not recorded. */
  readonly apiKeyRefusal: 401 | 403;
  /** A second ack: 409, or the item as it is. */
  readonly repeatedAck: 'conflict' | 'item';
  /** A heartbeat on a queued item: claims it, or 409. */
  readonly beatOnQueued: 'claims' | 'conflict';
  /** True: a heartbeat without `expected_last_heartbeat` gets a 400. */
  readonly expectedHeartbeatRequired: boolean;
  readonly preconditionType: 'invalid_request_error' | 'precondition_failed_error';
  /** Whether a re-queued item keeps acknowledged_at, stop_requested_at and stopped_at; not recorded. */
  readonly requeueStamps: 'cleared' | 'kept';
  /** Seconds after which a `stopping` item without a worker is stopped; null: only a forced stop ends it. */
  readonly finalizeStoppingSeconds: number | null;
  /** `stop` answers 200 with the item, or 204 without a body. */
  readonly stopStatus: 200 | 204;
  /** True: stats answer `workers_polling: null`. */
  readonly workersPollingNull: boolean;
  /** Work of a cloud environment: zeros, 404 and 400 as recorded, or 400 on every endpoint. */
  readonly cloudWork: 'recorded' | 'refused';
  /** True: a request without the managed-agents beta gets a 400, where the preset sends version headers. */
  readonly requireBeta: boolean;
}

const RECORDED: Switches = {
  listOrder: 'newest',
  maxPageSize: 1000,
  maxEnvironmentsPageSize: 1000,
  overLimit: 'refuse',
  paging: 'cursor',
  omitNextPage: false,
  leaseTtlSeconds: 300,
  stoppingTtlSeconds: 120,
  actor: true,
  secretKey: 'present',
  issueSecret: true,
  startingLapses: true,
  fractionDigits: 6,
  retentionSeconds: null,
  startedAt: 'enqueue',
  idForm: 'session',
  sessionPrefix: 'sesn',
  rotateIds: false,
  listCredential: 'strict',
  sessionCredential: 'either',
  apiKeyAsBearer: true,
  wrongKeyWords: 'recorded',
  apiKeyRefusal: 401,
  repeatedAck: 'conflict',
  beatOnQueued: 'claims',
  expectedHeartbeatRequired: false,
  preconditionType: 'invalid_request_error',
  requeueStamps: 'cleared',
  finalizeStoppingSeconds: null,
  stopStatus: 200,
  workersPollingNull: false,
  cloudWork: 'recorded',
  requireBeta: true,
};

/** What a preset changes beyond the table that client and simulator share. */
const DIFFERENCES: Readonly<Record<ProviderName, Partial<Switches>>> = {
  anthropic: {},
  aws: {},
  google: {},
  qoder: {
    listOrder: 'oldest',
    overLimit: 'cap',
    cloudWork: 'refused',
    leaseTtlSeconds: 600,
    actor: false,
    secretKey: 'missing',
    issueSecret: false,
    fractionDigits: 0,
    idForm: 'work',
    sessionPrefix: 'sess',
    repeatedAck: 'item',
    beatOnQueued: 'conflict',
    preconditionType: 'precondition_failed_error',
  },
  opensdlc: {
    maxEnvironmentsPageSize: 100,
    apiKeyAsBearer: false,
    wrongKeyWords: 'opensdlc',
    leaseTtlSeconds: 30,
    stoppingTtlSeconds: 30,
    actor: false,
    idForm: 'work',
    repeatedAck: 'item',
    expectedHeartbeatRequired: true,
    finalizeStoppingSeconds: 60,
  },
};

/** The switches of a preset, with some of them changed. */
export function switchesFor(provider: ProviderName, changes: Partial<Switches> = {}): Switches {
  const preset = PRESETS[provider];
  return {
    ...RECORDED,
    maxPageSize: preset.maxPageSize,
    paging: preset.paging,
    rotateIds: preset.idsRotate,
    startedAt: preset.startedAtIsEnqueueStamp ? 'enqueue' : 'first-heartbeat',
    requireBeta: preset.versionHeaders,
    ...DIFFERENCES[provider],
    ...changes,
  };
}
