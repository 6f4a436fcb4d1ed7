import { LIVE_STATES, RUNNING_STATES, WORK_TYPES } from '../../domain/work.ts';
import { ENVIRONMENT_LABELS as E, type MetricDefinition } from './metric-definition.ts';

const observed = { type: 'gauge', group: 'list', presence: 'list' } as const;
const fullRead = { ...observed, absent: 'the list was never read to its end', labels: [...E] } as const;

/** What the list of work items showed at the exporter's last good read. */
export const LIST_METRICS = {
  anthropic_work_items: {
    ...observed,
    labels: [...E, 'state', 'work_type'],
    values: { state: LIVE_STATES, work_type: WORK_TYPES },
    help: "Work items in a state, without stopped ones, as of the exporter's own last poll of the list.",
    source: 'The list. Once it was read every state exists for `session`; other types from when they are first seen.',
  },
  anthropic_work_items_by_metadata: {
    ...observed,
    labels: [...E, 'state', 'key', 'value'],
    values: { state: LIVE_STATES },
    help: "Work items in a state by the value of an allow-listed metadata key, as of the exporter's own last poll of the list.",
    source:
      'The list. Configuration, `metadata.keys`; at most `metadata.max_values` values per key, the rest as `value="other"`: [which](reading.md#values-of-metadata).',
    absent: 'no metadata key is configured, or no live item carries it',
    stability: 'experimental',
  },
  anthropic_work_stale_heartbeat_items: {
    ...observed,
    labels: [...E, 'state'],
    values: { state: RUNNING_STATES },
    help: "Items whose worker was silent for longer than the threshold at the read that saw them; starting: acknowledged too long ago. From the exporter's own polls of the list.",
    source:
      'The list: the [timestamp of its state](reading.md#which-timestamp-counts) against `threshold_stale_heartbeat_seconds` (active, stopping) or `threshold_state_age_seconds{state="starting"}`.',
  },
  anthropic_work_oldest_heartbeat_timestamp_seconds: {
    ...observed,
    labels: [...E],
    unit: 'seconds',
    help: "The least recent latest heartbeat among active items, Unix time by the API's clock, as of the exporter's own last poll of the list.",
    source: '`latest_heartbeat_at` in the list, uncorrected.',
    absent: 'no active item has sent a heartbeat',
  },
  anthropic_work_oldest_item_timestamp_seconds: {
    ...observed,
    labels: [...E, 'state'],
    values: { state: ['queued', ...RUNNING_STATES] },
    unit: 'seconds',
    help: "When the item that has been in the state for longest entered it, Unix time by the API's clock, as of the exporter's own last poll of the list.",
    source: 'The list, uncorrected: the [timestamp of its state](reading.md#which-timestamp-counts).',
    absent: 'no item is in that state, or none has a stamp',
  },
  anthropic_work_list_truncated: {
    ...fullRead,
    help: "1 when the exporter's last full read of the list ended before the list did.",
    source: 'The page cap, a cursor that came back a second time, or more items than there is memory for.',
  },
  anthropic_work_list_pages: {
    ...fullRead,
    help: "Pages of the exporter's last full read of the list.",
    source: 'The last full read.',
  },
  anthropic_work_list_items: {
    ...fullRead,
    help: "Items of the exporter's last full read of the list, stopped ones included.",
    source: 'The last full read.',
  },
  anthropic_work_list_last_full_read_timestamp_seconds: {
    ...fullRead,
    unit: 'seconds',
    help: 'When the exporter last read the whole list, Unix time.',
    source: 'The end of the last full read.',
  },
  anthropic_work_stats_list_mismatch_items: {
    ...observed,
    labels: [...E],
    help: "Items that stats counts as waiting or pending beyond the queued ones known from the list, races left out, by the exporter's own polls.",
    source: '(`depth` + `pending`) − queued items known.',
    absent: 'the two reads cannot be compared',
  },
} as const satisfies Record<string, MetricDefinition>;
