import { PRESETS, type ProviderName, type ProviderPreset } from '../wire/presets.ts';
import type { ScenarioFile } from './scenario-schema.ts';

/**
 * What is unknown of the real service, or differs between those that speak this API: docs/design/work-api.md#unknown. The
 * defaults are what was recorded or else most likely, and docs/simulator.md says so.
 */
const RECORDED = {
  /** The order of the work list. Undocumented on the real service. */
  listOrder: 'newest' as 'newest' | 'oldest' | 'shuffled',
  /** Whether a page that is too large gets a 400, or is cut to the largest. */
  overLimit: 'refuse' as 'refuse' | 'cap',
  /** Seconds of lease granted by default, and the most that a heartbeat can ask for. */
  leaseTtlSeconds: 300,
  /** Seconds granted to a heartbeat on a `stopping` item. */
  stoppingTtlSeconds: 120,
  /** Adds the undocumented key `actor: null` to every item. */
  actor: true,
  /** A poll answers with a secret, so that the worker uses a sessions token; or items have not even a key of this name. */
  secret: 'issued' as 'issued' | 'missing',
  /** Whether an item without any heartbeat lapses; false: it stays `starting` forever. Disputed. */
  startingLapses: true,
  /** Stamps without fractions of a second. */
  wholeSeconds: false,
  /** Stopped items disappear after this many seconds; null keeps them forever. */
  retentionSeconds: null as number | null,
  /** The item's id is the session's id, or one of its own, which a second delivery may change. */
  idForm: 'session' as 'session' | 'work',
  /** Whether a re-queued item keeps acknowledged_at, stop_requested_at and stopped_at. */
  requeueStamps: 'cleared' as 'cleared' | 'kept',
  /** Seconds after which a `stopping` item without a worker counts as stopped; null: only a forced stop ends it. */
  finalizeStoppingSeconds: null as number | null,
  /** Whether an update must have `metadata`; without it the item stays as it is. */
  updateNeedsMetadata: false,
  /** True: stats answer `workers_polling: null`. */
  workersPollingNull: false,
};

/** How the simulated service behaves: its preset, and what no client needs to know. */
export type Switches = typeof RECORDED & ProviderPreset;

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
    finalizeStoppingSeconds: 60,
    updateNeedsMetadata: true,
  },
};

/** The switches of a preset, with some of them changed. */
export function switchesFor(provider: ProviderName, changes: Partial<Switches> = {}): Switches {
  return { ...RECORDED, ...PRESETS[provider], ...DIFFERENCES[provider], ...changes };
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
