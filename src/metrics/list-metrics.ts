import type { Environment } from '../domain/environment.ts';
import { DURATION_BUCKETS, STOP_BUCKETS } from '../domain/histogram.ts';
import {
  LIVE_STATES,
  RUNNING_STATES,
  SESSION_STATUSES,
  WAIT_REASONS,
  WORK_TYPES,
  type WorkState,
} from '../domain/work.ts';
import type { LifecycleTotals } from '../lifecycle/ledger.ts';
import { totalsOf } from '../state/changes.ts';
import type { ItemsSnapshot, SessionReading } from '../state/environment-state.ts';
import { readingOf } from '../state/sessions.ts';
import { metadataValue, OTHER_VALUES } from '../state/shown-metadata.ts';
import { inStateSince, isStale } from '../state/staleness.ts';
import { ANY, type EnvironmentMetric, type Look, type Measured, per, type Sample, seconds } from './metric.ts';

const progress = { type: 'gauge', labels: {}, group: 'progress', presence: 'list' } as const;

const AGED_STATES = ['queued', ...RUNNING_STATES] as const;

/** What the list of work items showed at the exporter's last good read, while that is recent enough. */
export const LIST_METRICS = {
  anthropic_work_items: {
    ...ofItems('Work items in a state, without stopped ones, as of the last poll.', itemsByState),
    labels: { state: LIVE_STATES, work_type: WORK_TYPES },
    note: 'Work types other than `session` appear once seen.',
  },
  anthropic_work_items_by_metadata: {
    ...ofItems(
      'Work items in a state by the value of an allow-listed metadata key, as of the last poll.',
      itemsByMetadata,
    ),
    labels: { state: LIVE_STATES, key: ANY, value: ANY },
    note: 'At most `metadata.max_values` values per key; the rest are `other`: [which](reading.md#values-of-metadata).',
    absent: 'no metadata key is configured, or no live item carries it',
    stability: 'experimental',
  },
  anthropic_work_stale_heartbeat_items: {
    ...ofItems(
      'Items whose worker was silent for longer than the threshold at the read that saw them; starting: acknowledged too long ago.',
      ({ live }, { thresholds }) => {
        const stale = countStates(live.filter((one) => isStale(one, thresholds)));
        return per(RUNNING_STATES, (state) => stale.get(state) ?? 0);
      },
    ),
    labels: { state: RUNNING_STATES },
    note: 'Judged by the [timestamp of the state](reading.md#which-timestamp-counts).',
  },
  anthropic_work_oldest_heartbeat_timestamp_seconds: {
    ...ofItems(
      "The least recent latest heartbeat among active items, Unix time by the API's clock, as of the last poll.",
      ({ live }) => earliest(live, ({ item }) => (item.state === 'active' ? item.latestHeartbeatAt : null)),
    ),
    absent: 'no active item has sent a heartbeat',
  },
  anthropic_work_oldest_item_timestamp_seconds: {
    ...ofItems(
      "When the item that has been in the state for longest entered it, Unix time by the API's clock, as of the last poll.",
      ({ live }) =>
        per(AGED_STATES, (state) => earliest(live, (one) => (one.item.state === state ? inStateSince(one) : null))),
    ),
    labels: { state: AGED_STATES },
    note: 'By the [timestamp of the state](reading.md#which-timestamp-counts).',
    absent: 'no item is in that state, or none has a stamp',
  },
  anthropic_work_list_truncated: {
    ...ofFullRead("1 when the exporter's last full read of the list ended before the list did.", ({ truncated }) =>
      Number(truncated),
    ),
    note: 'The cause is `poll.max_list_pages`, a repeated cursor, or more items than fit into memory.',
  },
  anthropic_work_list_pages: ofFullRead("Pages of the exporter's last full read of the list.", ({ pages }) => pages),
  anthropic_work_list_items: ofFullRead(
    "Items of the exporter's last full read of the list, stopped ones included.",
    ({ items }) => items,
  ),
  anthropic_work_list_last_full_read_timestamp_seconds: ofFullRead(
    'When the exporter last read the whole list, Unix time.',
    ({ at }) => seconds(at),
  ),
  anthropic_work_stats_list_mismatch_items: {
    ...ofItems(
      'Items that stats counts as waiting or pending beyond the queued ones known from the list, races left out.',
      ({ mismatch }) => mismatch,
    ),
    absent: 'the two reads cannot be compared',
  },
} as const satisfies Record<string, EnvironmentMetric>;

/** Transitions of work items, counted once by the API's own timestamps, however often an item is read. */
export const LIFECYCLE_METRICS = {
  anthropic_work_items_created_total: total('created', 'Items created, each counted once.'),
  anthropic_work_items_acknowledged_total: total(
    'acknowledged',
    'Items acknowledged by a worker, each run counted once.',
  ),
  anthropic_work_items_stopped_total: total('stopped', 'Items stopped, each run counted once.'),
  anthropic_work_items_requeued_total: total('requeued', 'Items queued again after a stop: a dormant session woke up.'),
  anthropic_work_items_lapsed_total: {
    ...total('lapsed', 'Items queued again without a stop: a worker lost its lease.'),
    note: 'After failed reads of the list, items that ended and woke up meanwhile may be included.',
  },
  anthropic_work_queue_wait_seconds: durations(
    'wait',
    DURATION_BUCKETS,
    "Time sessions waited from being queued to being acknowledged, by the API's stamps.",
  ),
  anthropic_work_queue_wait_unknown_total: total(
    'waitUnknown',
    'Waits omitted from the histogram, because the time of queueing is uncertain by more than a minute.',
  ),
  anthropic_work_run_seconds: durations(
    'run',
    DURATION_BUCKETS,
    "Time from acknowledgement to stop, by the API's stamps.",
  ),
  anthropic_work_stop_seconds: durations(
    'stop',
    STOP_BUCKETS,
    "Time from the request to stop to the stop, by the API's stamps.",
  ),
} as const satisfies Record<string, EnvironmentMetric>;

/** Whether running work makes progress: the sessions of long runs, and items that come back. */
export const PROGRESS_METRICS = {
  anthropic_work_session_attempted: {
    ...progress,
    presence: 'watched',
    help: '1 when the exporter reads the sessions of long runs: it is switched on, has a credential, and the service offers them; else 0.',
    measure: ({ state }) => Number(state.sessions?.attempted === true),
  },
  anthropic_work_session_items: {
    ...ofSessions(
      'Live items whose run is older than `sessions.after`, by the status of their session, as of the last read of each.',
      (readings) => per(SESSION_STATUSES, (status) => readings.filter(({ facts }) => facts.status === status).length),
    ),
    labels: { status: SESSION_STATUSES },
  },
  anthropic_work_session_waiting_items: {
    ...ofSessions('Items whose session is idle and says why, by reason, as of the last read of each.', (readings) =>
      per(WAIT_REASONS, (reason) => readings.filter(({ idle }) => idle?.reason === reason).length),
    ),
    labels: { reason: WAIT_REASONS },
  },
  anthropic_work_session_oldest_wait_timestamp_seconds: {
    ...ofSessions(
      "When the session that has been idle for longest became idle, Unix time by the API's clock, as of the last read.",
      (readings) =>
        per(WAIT_REASONS, (reason) =>
          earliest(readings, ({ idle }) => (idle?.reason === reason ? idle.processedAt : null)),
        ),
    ),
    labels: { reason: WAIT_REASONS },
    absent: 'no session of a long run is idle for that reason',
  },
  anthropic_work_item_deliveries_max: {
    ...ofItems(
      'Most acknowledgements that a live item had since its last stop, as of the last poll; 1 is normal.',
      ({ live }) => live.reduce((most, { deliveries }) => Math.max(most, deliveries), 0),
    ),
    group: 'progress',
  },
  anthropic_work_redelivered_items: {
    ...ofItems(
      'Live items that were acknowledged again after a lapse at least `thresholds.redeliveries` times, as of the last poll.',
      ({ live }, { thresholds }) => live.filter(({ deliveries }) => deliveries - 1 >= thresholds.redeliveries).length,
    ),
    group: 'progress',
  },
} as const satisfies Record<string, EnvironmentMetric>;

function ofItems(help: string, read: (items: ItemsSnapshot, environment: Environment) => Measured) {
  const measure = ({ fresh, state: { items, environment } }: Look): Measured =>
    fresh.list && items !== null ? read(items, environment) : null;
  return { type: 'gauge', labels: {}, group: 'list', presence: 'list', help, measure } as const;
}

/** About the last read of the whole list. */
function ofFullRead(help: string, read: (full: NonNullable<ItemsSnapshot['lastFullRead']>) => number) {
  const ofLast = ofItems(help, ({ lastFullRead }) => (lastFullRead === null ? null : read(lastFullRead)));
  return { ...ofLast, absent: 'no read reached the end' };
}

/** What is counted: 0 before the first read of the list, and present through every failure. */
function total(name: Exclude<keyof LifecycleTotals, 'losses'>, help: string) {
  const measure = ({ state }: Look): Measured => totalsOf(state)?.[name] ?? null;
  return { type: 'counter', labels: {}, group: 'list', presence: 'counted', help, measure } as const;
}

function durations(name: 'wait' | 'run' | 'stop', buckets: readonly number[], help: string) {
  return { ...total(name, help), type: 'histogram', buckets } as const;
}

/** Of each live item whose session was read during its present run. */
function ofSessions(help: string, read: (readings: readonly SessionReading[]) => Measured) {
  const measure = ({ state: { items, sessions }, fresh }: Look): Measured =>
    fresh.sessions ? read((items?.live ?? []).flatMap((one) => readingOf(sessions, one) ?? [])) : null;
  return {
    ...progress,
    presence: 'sessions',
    absent: 'no session of a long run could be read',
    help,
    measure,
  } as const;
}

/** Unix time of the earliest stamp; null without one. */
function earliest<T>(all: readonly T[], stampOf: (one: T) => number | null): number | null {
  const stamps = all.map(stampOf).filter((stamp) => stamp !== null);
  return stamps.length === 0 ? null : seconds(stamps.reduce((first, stamp) => Math.min(first, stamp)));
}

/** Of each type that is or was live; sessions always. */
function itemsByState({ live, typesSeen = [] }: ItemsSnapshot): readonly Sample[] {
  const byType = Map.groupBy(live, ({ item }) => item.type);
  const types = WORK_TYPES.filter((type) => type === 'session' || typesSeen.includes(type) || byType.has(type));
  return types.flatMap((type) => {
    const counts = countStates(byType.get(type) ?? []);
    return LIVE_STATES.map((state) => ({ values: [state, type], value: counts.get(state) ?? 0 }));
  });
}

/** By the values of the allow-listed keys: those that are shown are named, all others are `other`. */
function itemsByMetadata({ live, shownMetadata }: ItemsSnapshot, { metadata }: Environment): readonly Sample[] {
  return metadata.keys.flatMap((key) => {
    const shown = shownMetadata?.get(key) ?? new Set<string>();
    const byValue = Map.groupBy(live, ({ item }) => {
      const value = metadataValue(item, key);
      return value === null || shown.has(value) ? value : OTHER_VALUES;
    });
    const rest = byValue.has(OTHER_VALUES) ? [OTHER_VALUES] : [];
    return [...shown, ...rest].flatMap((value) => {
      const counts = countStates(byValue.get(value) ?? []);
      return LIVE_STATES.map((state) => ({ values: [state, key, value], value: counts.get(state) ?? 0 }));
    });
  });
}

function countStates(live: ItemsSnapshot['live']): ReadonlyMap<WorkState, number> {
  const counts = new Map<WorkState, number>();
  for (const { item } of live) counts.set(item.state, (counts.get(item.state) ?? 0) + 1);
  return counts;
}
