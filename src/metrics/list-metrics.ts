import { DURATION_BUCKETS, type Histogram, STOP_BUCKETS } from '../domain/histogram.ts';
import {
  LIVE_STATES,
  RUNNING_STATES,
  SESSION_STATUSES,
  WAIT_REASONS,
  WORK_TYPES,
  type WorkState,
} from '../domain/work.ts';
import type { LifecycleTotals } from '../lifecycle/totals.ts';
import type { ItemsSnapshot, SessionReading } from '../state/environment-state.ts';
import { readingOf } from '../state/sessions.ts';
import { metadataValue, nextShownValues, OTHER_VALUES } from '../state/shown-metadata.ts';
import { inStateSince, isStale } from '../state/staleness.ts';
import { ANY, type EnvironmentMetric, type Look, type Measured, per, type Sample, seconds } from './metric.ts';

const observed = { type: 'gauge', labels: {}, group: 'list', presence: 'list' } as const;
const fullRead = { ...observed, absent: 'no read reached the end' } as const;
const counter = { type: 'counter', labels: {}, group: 'list', presence: 'counted' } as const;
const histogram = { ...counter, type: 'histogram' } as const;
const progress = { type: 'gauge', labels: {}, group: 'progress', presence: 'list' } as const;
const ofSessions = {
  ...progress,
  presence: 'sessions',
  absent: 'no session of a long run could be read',
} as const;

const AGED_STATES = ['queued', ...RUNNING_STATES] as const;

/** What the list of work items showed at the exporter's last good read, while that is recent enough. */
export const LIST_METRICS = {
  anthropic_work_items: {
    ...observed,
    labels: { state: LIVE_STATES, work_type: WORK_TYPES },
    help: 'Work items in a state, without stopped ones, as of the last poll.',
    note: 'Work types other than `session` appear once seen.',
    measure: ofItems(itemsByState),
  },
  anthropic_work_items_by_metadata: {
    ...observed,
    labels: { state: LIVE_STATES, key: ANY, value: ANY },
    help: 'Work items in a state by the value of an allow-listed metadata key, as of the last poll.',
    note: 'At most `metadata.max_values` values per key; the rest are `other`: [which](reading.md#values-of-metadata).',
    absent: 'no metadata key is configured, or no live item carries it',
    stability: 'experimental',
    measure: ofItems(itemsByMetadata),
  },
  anthropic_work_stale_heartbeat_items: {
    ...observed,
    labels: { state: RUNNING_STATES },
    help: 'Items whose worker was silent for longer than the threshold at the read that saw them; starting: acknowledged too long ago.',
    note: 'Judged by the [timestamp of the state](reading.md#which-timestamp-counts).',
    measure: ofItems(({ live }, { state: { environment } }) => {
      const stale = countStates(live.filter((one) => isStale(one, environment.thresholds)));
      return per(RUNNING_STATES, (state) => stale.get(state) ?? 0);
    }),
  },
  anthropic_work_oldest_heartbeat_timestamp_seconds: {
    ...observed,
    help: "The least recent latest heartbeat among active items, Unix time by the API's clock, as of the last poll.",
    absent: 'no active item has sent a heartbeat',
    measure: ofItems(({ live }) =>
      seconds(earliest(live, ({ item }) => (item.state === 'active' ? item.latestHeartbeatAt : null))),
    ),
  },
  anthropic_work_oldest_item_timestamp_seconds: {
    ...observed,
    labels: { state: AGED_STATES },
    help: "When the item that has been in the state for longest entered it, Unix time by the API's clock, as of the last poll.",
    note: 'By the [timestamp of the state](reading.md#which-timestamp-counts).',
    absent: 'no item is in that state, or none has a stamp',
    measure: ofItems(({ live }) =>
      per(AGED_STATES, (state) =>
        seconds(earliest(live, (one) => (one.item.state === state ? inStateSince(one) : null))),
      ),
    ),
  },
  anthropic_work_list_truncated: {
    ...fullRead,
    help: "1 when the exporter's last full read of the list ended before the list did.",
    note: 'The cause is `poll.max_list_pages`, a repeated cursor, or more items than fit into memory.',
    measure: ofFullRead(({ truncated }) => Number(truncated)),
  },
  anthropic_work_list_pages: {
    ...fullRead,
    help: "Pages of the exporter's last full read of the list.",
    measure: ofFullRead(({ pages }) => pages),
  },
  anthropic_work_list_items: {
    ...fullRead,
    help: "Items of the exporter's last full read of the list, stopped ones included.",
    measure: ofFullRead(({ items }) => items),
  },
  anthropic_work_list_last_full_read_timestamp_seconds: {
    ...fullRead,
    help: 'When the exporter last read the whole list, Unix time.',
    measure: ofFullRead(({ at }) => seconds(at)),
  },
  anthropic_work_stats_list_mismatch_items: {
    ...observed,
    help: 'Items that stats counts as waiting or pending beyond the queued ones known from the list, races left out.',
    absent: 'the two reads cannot be compared',
    measure: ofItems(({ mismatch }) => mismatch),
  },
} as const satisfies Record<string, EnvironmentMetric>;

/** Transitions of work items, counted once by the API's own timestamps, however often an item is read. */
export const LIFECYCLE_METRICS = {
  anthropic_work_items_created_total: {
    ...counter,
    help: 'Items created, each counted once.',
    measure: ofTotals(({ created }) => created),
  },
  anthropic_work_items_acknowledged_total: {
    ...counter,
    help: 'Items acknowledged by a worker, each run counted once.',
    measure: ofTotals(({ acknowledged }) => acknowledged),
  },
  anthropic_work_items_stopped_total: {
    ...counter,
    help: 'Items stopped, each run counted once.',
    measure: ofTotals(({ stopped }) => stopped),
  },
  anthropic_work_items_requeued_total: {
    ...counter,
    help: 'Items queued again after a stop: a dormant session woke up.',
    measure: ofTotals(({ requeued }) => requeued),
  },
  anthropic_work_items_lapsed_total: {
    ...counter,
    help: 'Items queued again without a stop: a worker lost its lease.',
    note: 'After failed reads of the list, items that ended and woke up meanwhile may be included.',
    measure: ofTotals(({ lapsed }) => lapsed),
  },
  anthropic_work_queue_wait_seconds: {
    ...histogram,
    buckets: DURATION_BUCKETS,
    help: "Time sessions waited from being queued to being acknowledged, by the API's stamps.",
    measure: ofTotals(({ wait }) => wait),
  },
  anthropic_work_queue_wait_unknown_total: {
    ...counter,
    help: 'Waits omitted from the histogram, because the time of queueing is uncertain by more than a minute.',
    measure: ofTotals(({ waitUnknown }) => waitUnknown),
  },
  anthropic_work_run_seconds: {
    ...histogram,
    buckets: DURATION_BUCKETS,
    help: "Time from acknowledgement to stop, by the API's stamps.",
    measure: ofTotals(({ run }) => run),
  },
  anthropic_work_stop_seconds: {
    ...histogram,
    buckets: STOP_BUCKETS,
    help: "Time from the request to stop to the stop, by the API's stamps.",
    measure: ofTotals(({ stop }) => stop),
  },
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
    ...ofSessions,
    labels: { status: SESSION_STATUSES },
    help: 'Live items whose run is older than `sessions.after`, by the status of their session, as of the last read of each.',
    measure: ofReadings((readings) =>
      per(SESSION_STATUSES, (status) => readings.filter(({ facts }) => facts.status === status).length),
    ),
  },
  anthropic_work_session_waiting_items: {
    ...ofSessions,
    labels: { reason: WAIT_REASONS },
    help: 'Items whose session is idle and says why, by reason, as of the last read of each.',
    measure: ofReadings((readings) =>
      per(WAIT_REASONS, (reason) => readings.filter(({ idle }) => idle?.reason === reason).length),
    ),
  },
  anthropic_work_session_oldest_wait_timestamp_seconds: {
    ...ofSessions,
    labels: { reason: WAIT_REASONS },
    help: "When the session that has been idle for longest became idle, Unix time by the API's clock, as of the last read.",
    absent: 'no session of a long run is idle for that reason',
    measure: ofReadings((readings) =>
      per(WAIT_REASONS, (reason) =>
        seconds(earliest(readings, ({ idle }) => (idle?.reason === reason ? idle.processedAt : null))),
      ),
    ),
  },
  anthropic_work_item_deliveries_max: {
    ...progress,
    help: 'Most acknowledgements that a live item had since its last stop, as of the last poll; 1 is normal.',
    measure: ofItems(({ live }) => live.reduce((most, { deliveries = 0 }) => Math.max(most, deliveries), 0)),
  },
  anthropic_work_redelivered_items: {
    ...progress,
    help: 'Live items that were acknowledged again after a lapse at least `thresholds.redeliveries` times, as of the last poll.',
    measure: ofItems(
      ({ live }, { state: { environment } }) =>
        live.filter(({ deliveries = 0 }) => deliveries - 1 >= environment.thresholds.redeliveries).length,
    ),
  },
} as const satisfies Record<string, EnvironmentMetric>;

function ofItems(read: (items: ItemsSnapshot, look: Look) => Measured) {
  return (look: Look): Measured => {
    const { items } = look.state;
    return look.fresh.list && items !== null ? read(items, look) : null;
  };
}

function ofFullRead(read: (full: NonNullable<ItemsSnapshot['lastFullRead']>) => number) {
  return ofItems(({ lastFullRead }) => (lastFullRead === null ? null : read(lastFullRead)));
}

/** 0 before the first read of the list, and present through every failure. */
function ofTotals(read: (totals: LifecycleTotals) => number | Histogram) {
  return ({ state: { operations, lifecycle } }: Look): Measured =>
    operations.list.attempted && lifecycle !== null ? read(lifecycle) : null;
}

/** Of each live item whose session was read during its present run. */
function ofReadings(read: (readings: readonly SessionReading[]) => Measured) {
  return ({ state: { items, sessions }, fresh }: Look): Measured =>
    fresh.sessions ? read((items?.live ?? []).flatMap((one) => readingOf(sessions, one) ?? [])) : null;
}

function earliest<T>(all: readonly T[], stampOf: (one: T) => number | null): number | null {
  let first: number | null = null;
  for (const one of all) {
    const stamp = stampOf(one);
    if (stamp !== null && (first === null || stamp < first)) first = stamp;
  }
  return first;
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
function itemsByMetadata(items: ItemsSnapshot, { state: { environment } }: Look): readonly Sample[] {
  // Chosen again because the configuration may be newer than the read; if it is not, the values are those of the read.
  return [...nextShownValues(items, environment.metadata)].flatMap(([key, shown]) => {
    const byValue = new Map(shown.keys().map((value) => [value, [] as ItemsSnapshot['live'][number][]]));
    for (const one of items.live) {
      const value = metadataValue(one.item, key);
      if (value !== null) (byValue.get(value) ?? byValue.get(OTHER_VALUES)!).push(one);
    }
    return [...byValue].flatMap(([value, live]) => {
      const counts = countStates(live);
      return LIVE_STATES.map((state) => ({ values: [state, key, value], value: counts.get(state) ?? 0 }));
    });
  });
}

function countStates(live: ItemsSnapshot['live']): ReadonlyMap<WorkState, number> {
  const counts = new Map<WorkState, number>();
  for (const { item } of live) counts.set(item.state, (counts.get(item.state) ?? 0) + 1);
  return counts;
}
