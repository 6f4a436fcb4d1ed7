import { PRESETS, type ProviderName } from '../wire/presets.ts';
import type { ScenarioFile } from './scenario-schema.ts';

/**
 * How the services that speak this API differ, and what is unknown of the real one: docs/design/work-api.md#unknown. The
 * defaults are what was recorded or else most likely, and docs/simulator.md says so.
 */
export interface Switches {
  /** The order of the work list. Undocumented on the real service. */
  listOrder: 'newest' | 'oldest' | 'shuffled';
  /** Largest `limit` of a list, and of a page of environments; and whether a larger one gets a 400 or the largest page. */
  maxPageSize: number;
  maxEnvironmentsPageSize: number;
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
  /** Stamps without fractions of a second. */
  wholeSeconds: boolean;
  /** Stopped items disappear after this many seconds; null keeps them forever. */
  retentionSeconds: number | null;
  startedAt: 'enqueue' | 'first-heartbeat';
  /** The item's id is the session's id, or one of its own, which a second delivery may change. */
  idForm: 'session' | 'work';
  rotateIds: boolean;
  /** OpenSDLC takes an API key in `x-api-key` alone, and refuses environment keys in words of its own. */
  openSdlcKeys: boolean;
  /** Whether a re-queued item keeps acknowledged_at, stop_requested_at and stopped_at; not recorded. */
  requeueStamps: 'cleared' | 'kept';
  /** Seconds after which a `stopping` item without a worker counts as stopped; null: only a forced stop ends it. */
  finalizeStoppingSeconds: number | null;
  /** True: stats answer `workers_polling: null`. */
  workersPollingNull: boolean;
}

const RECORDED = {
  listOrder: 'newest',
  overLimit: 'refuse',
  leaseTtlSeconds: 300,
  stoppingTtlSeconds: 120,
  actor: true,
  secret: 'issued',
  startingLapses: true,
  wholeSeconds: false,
  retentionSeconds: null,
  idForm: 'session',
  openSdlcKeys: false,
  requeueStamps: 'cleared',
  finalizeStoppingSeconds: null,
  workersPollingNull: false,
} as const satisfies Partial<Switches>;

/** What a preset changes beyond the table that client and simulator share. */
const DIFFERENCES: Readonly<Partial<Record<ProviderName, Partial<Switches>>>> = {
  qoder: {
    listOrder: 'oldest',
    overLimit: 'cap',
    leaseTtlSeconds: 600,
    actor: false,
    secret: 'missing',
    wholeSeconds: true,
    idForm: 'work',
  },
  opensdlc: {
    leaseTtlSeconds: 30,
    stoppingTtlSeconds: 30,
    actor: false,
    idForm: 'work',
    openSdlcKeys: true,
    finalizeStoppingSeconds: 60,
  },
};

/** The switches of a preset, with some of them changed. */
export function switchesFor(provider: ProviderName, changes: Partial<Switches> = {}): Switches {
  const preset = PRESETS[provider];
  return {
    ...RECORDED,
    maxPageSize: preset.maxPageSize,
    maxEnvironmentsPageSize: preset.maxEnvironmentsPageSize,
    paging: preset.paging,
    rotateIds: preset.idsRotate,
    startedAt: preset.startedAtIsEnqueueStamp ? 'enqueue' : 'first-heartbeat',
    ...DIFFERENCES[provider],
    ...changes,
  };
}

/** What a scenario says of the API. */
export function switchesOf({ api }: ScenarioFile): Partial<Switches> {
  const said = {
    leaseTtlSeconds: api.lease,
    listOrder: api.list_order,
    maxPageSize: api.max_page_size,
    overLimit: api.over_limit,
    workersPollingNull: api.workers_polling === undefined ? undefined : !api.workers_polling,
    startingLapses: api.starting_lapses,
    retentionSeconds: api.retention,
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}
