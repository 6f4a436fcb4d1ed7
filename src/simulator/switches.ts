import { PRESETS, type ProviderName } from '../wire/presets.ts';

/**
 * How the services that speak this API differ, and what is unknown of the real one: docs/design/work-api.md#unknown and
 * docs/design/work-api.md#variants.
 *
 * The defaults of a preset are the recorded behaviour; where nothing was recorded they are the most likely one, and
 * docs/simulator.md says so.
 */
export interface Switches {
  /** The order of the work list. Undocumented on the real service. */
  listOrder: 'newest' | 'oldest' | 'shuffled';
  /** Largest `limit` of a list. */
  maxPageSize: number;
  /** Largest `limit` of a page of environments. */
  maxEnvironmentsPageSize: number;
  /** The answer to a larger `limit`: a 400, or the largest page. */
  overLimit: 'refuse' | 'cap';
  /** `next_page` alone, or together with `has_more`, `first_id` and `last_id`. */
  paging: 'cursor' | 'cursor-or-last-id';
  /** Seconds of lease granted by default, and the most that a heartbeat can ask for. */
  leaseTtlSeconds: number;
  /** Seconds granted to a heartbeat on a `stopping` item: 120 was recorded. */
  stoppingTtlSeconds: number;
  /** Adds the undocumented key `actor: null` to every item. */
  actor: boolean;
  /** A poll answers with a secret, so that the worker uses a sessions token; or items have not even a key of this name. */
  secret: 'issued' | 'missing';
  /** Whether an item without any heartbeat lapses; false: it stays `starting` forever. Disputed. */
  startingLapses: boolean;
  /** Digits of a second in timestamps, 0 to 9. */
  fractionDigits: number;
  /** Stopped items disappear after this many seconds; null keeps them forever. */
  retentionSeconds: number | null;
  startedAt: 'enqueue' | 'first-heartbeat';
  /** The item's id is the session's id, or one of its own. */
  idForm: 'session' | 'work';
  /** True: an item that is handed out again gets a new id. */
  rotateIds: boolean;
  /** Whether an API key that belongs in `x-api-key` is also accepted as a bearer token, as SDKs send it. */
  apiKeyAsBearer: boolean;
  /** The error text for another environment's key, and for an unknown one. */
  wrongKeyWords: 'recorded' | 'opensdlc';
  /** Whether a re-queued item keeps acknowledged_at, stop_requested_at and stopped_at; not recorded. */
  requeueStamps: 'cleared' | 'kept';
  /** Seconds after which a `stopping` item without a worker counts as stopped; null: only a forced stop ends it. */
  finalizeStoppingSeconds: number | null;
  /** True: stats answer `workers_polling: null`. */
  workersPollingNull: boolean;
}

const RECORDED: Switches = {
  listOrder: 'newest',
  maxPageSize: 1000,
  maxEnvironmentsPageSize: 1000,
  overLimit: 'refuse',
  paging: 'cursor',
  leaseTtlSeconds: 300,
  stoppingTtlSeconds: 120,
  actor: true,
  secret: 'issued',
  startingLapses: true,
  fractionDigits: 6,
  retentionSeconds: null,
  startedAt: 'enqueue',
  idForm: 'session',
  rotateIds: false,
  apiKeyAsBearer: true,
  wrongKeyWords: 'recorded',
  requeueStamps: 'cleared',
  finalizeStoppingSeconds: null,
  workersPollingNull: false,
};

/** What a preset changes beyond the table that client and simulator share. */
const DIFFERENCES: Readonly<Record<ProviderName, Partial<Switches>>> = {
  anthropic: {},
  aws: {},
  google: {},
  qoder: {
    listOrder: 'oldest',
    overLimit: 'cap',
    leaseTtlSeconds: 600,
    actor: false,
    secret: 'missing',
    fractionDigits: 0,
    idForm: 'work',
  },
  opensdlc: {
    maxEnvironmentsPageSize: 100,
    apiKeyAsBearer: false,
    wrongKeyWords: 'opensdlc',
    leaseTtlSeconds: 30,
    stoppingTtlSeconds: 30,
    actor: false,
    idForm: 'work',
    finalizeStoppingSeconds: 60,
  },
  // The same API; nothing was ever recorded of it.
  'self-hosted-service': {},
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
    ...DIFFERENCES[provider],
    ...changes,
  };
}
