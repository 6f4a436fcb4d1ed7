/**
 * How the services that speak this API differ, and what is unknown of the real one: docs/design/work-api.md#unknown and
 * docs/design/work-api.md#variants.
 *
 * The defaults of a preset are the recorded behaviour; where nothing was recorded they are the most likely one, and
 * docs/simulator.md says so.
 */
export interface Switches {
  /** The order of the work list. Undocumented on the real service. */
  readonly listOrder: 'newest' | 'oldest' | 'shuffled';
  /** Largest `limit` of a list. */
  readonly maxPageSize: number;
  /** Largest `limit` of a page of environments. */
  readonly maxEnvironmentsPageSize: number;
  /** The answer to a larger `limit`: a 400, or the largest page. */
  readonly overLimit: 'refuse' | 'cap';
  /** `next_page` alone, or together with `has_more`, `first_id` and `last_id`. */
  readonly paging: 'cursor' | 'cursor-or-last-id';
  /** Omits `next_page` where `has_more` and `last_id` say the same. */
  readonly omitNextPage: boolean;
  /** Seconds of lease granted by default, and the most that a heartbeat can ask for. */
  readonly leaseTtlSeconds: number;
  /** Seconds granted to a heartbeat on a `stopping` item: 120 was recorded. */
  readonly stoppingTtlSeconds: number;
  /** Adds the undocumented key `actor: null` to every item. */
  readonly actor: boolean;
  /** Whether items carry the key `secret` at all. */
  readonly secretKey: 'present' | 'missing';
  /** Whether a poll answers with a secret, so that the worker uses a sessions token. */
  readonly issueSecret: boolean;
  /** Whether an item without any heartbeat lapses; false: it stays `starting` forever. Disputed. */
  readonly startingLapses: boolean;
  /** Digits of a second in timestamps, 0 to 9. */
  readonly fractionDigits: number;
  /** Stopped items disappear after this many seconds; null keeps them forever. */
  readonly retentionSeconds: number | null;
  readonly startedAt: 'enqueue' | 'first-heartbeat';
  /** The item's id is the session's id, or one of its own. */
  readonly idForm: 'session' | 'work';
  readonly sessionPrefix: 'sesn' | 'sess';
  /** True: an item that is handed out again gets a new id. */
  readonly rotateIds: boolean;
  /** Strict: only the preset's credentials may list. Lenient: so may the API key. */
  readonly listCredential: 'strict' | 'lenient';
  /** Which keys of an organization can read sessions; `none`: the service has no such endpoint. */
  readonly sessionCredential: 'either' | 'api_key' | 'environment_key' | 'none';
  /** Whether an API key that belongs in `x-api-key` is also accepted as a bearer token, as SDKs send it. */
  readonly apiKeyAsBearer: boolean;
  /** The error text for another environment's key, and for an unknown one. */
  readonly wrongKeyWords: 'recorded' | 'opensdlc';
  /** Status for an API key on an endpoint for environment keys; not recorded. */
  readonly apiKeyRefusal: 401 | 403;
  /** The answer to a second ack: 409, or the item as it is. */
  readonly repeatedAck: 'conflict' | 'item';
  /** A heartbeat on a queued item: claims it, or gets a 409. */
  readonly beatOnQueued: 'claims' | 'conflict';
  /** True: a heartbeat without `expected_last_heartbeat` gets a 400. */
  readonly expectedHeartbeatRequired: boolean;
  readonly preconditionType: 'invalid_request_error' | 'precondition_failed_error';
  /** Whether a re-queued item keeps acknowledged_at, stop_requested_at and stopped_at; not recorded. */
  readonly requeueStamps: 'cleared' | 'kept';
  /** Seconds after which a `stopping` item without a worker counts as stopped; null: only a forced stop ends it. */
  readonly finalizeStoppingSeconds: number | null;
  /** `stop` answers 200 with the item, or 204 without a body. */
  readonly stopStatus: 200 | 204;
  /** True: stats answer `workers_polling: null`. */
  readonly workersPollingNull: boolean;
  /** Work endpoints of a cloud environment: zeros, 404 and 400 as recorded, or 400 on every endpoint. */
  readonly cloudWork: 'recorded' | 'refused';
  /** True: a request without the managed-agents beta gets a 400, where the preset sends version headers. */
  readonly requireBeta: boolean;
}
