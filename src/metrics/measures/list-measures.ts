import type { EpochMs } from '../../base/clock.ts';
import {
  LIVE_STATES,
  type LiveState,
  RUNNING_STATES,
  WORK_TYPES,
  type WorkState,
  type WorkType,
} from '../../domain/work.ts';
import type { EnvironmentState, ItemsSnapshot } from '../../state/environment-state.ts';
import { inStateSince, isStale } from '../../state/staleness.ts';
import type { LIST_METRICS } from '../catalogue/list-metrics.ts';
import { countByMetadata } from './count-by-metadata.ts';
import { type MeasureContext, type Measures, secondsOrNull, single } from './measure.ts';

const NO_ITEMS: Readonly<Record<WorkState, number>> = {
  ...{ queued: 0, starting: 0, active: 0, stopping: 0 },
  ...{ stopped: 0, other: 0 },
};
const AGED_STATES = ['queued', ...RUNNING_STATES] as const;

/** What the list showed, while its last good read is recent enough. */
export const LIST_MEASURES = {
  anthropic_work_items: (state, context) => {
    const items = shown(state, context);
    if (items === null) return [];
    const counts = countStates(items);
    const samples: { labels: { state: LiveState; work_type: WorkType }; value: number }[] = [];
    for (const work_type of WORK_TYPES) {
      const ofType = counts.get(work_type);
      if (ofType === undefined) continue;
      for (const state of LIVE_STATES) samples.push({ labels: { state, work_type }, value: ofType[state] });
    }
    return samples;
  },
  anthropic_work_items_by_metadata: (state, context) => {
    const items = shown(state, context);
    const { metadata } = state.environment;
    if (items === null || metadata.keys.length === 0) return [];
    return countByMetadata(items, metadata).map(({ count, state, key, value }) => ({
      labels: { state, key, value },
      value: count,
    }));
  },
  anthropic_work_stale_heartbeat_items: (state, context) => {
    const items = shown(state, context);
    if (items === null) return [];
    const counts = { ...NO_ITEMS };
    for (const observed of items.live) {
      if (isStale(observed, state.environment.thresholds)) counts[observed.item.state]++;
    }
    return RUNNING_STATES.map((state) => ({ labels: { state }, value: counts[state] }));
  },
  anthropic_work_oldest_heartbeat_timestamp_seconds: (environmentState, context) => {
    let earliest: EpochMs | null = null;
    for (const { item } of shown(environmentState, context)?.live ?? []) {
      const heartbeat = item.state === 'active' ? item.latestHeartbeatAt : null;
      if (heartbeat !== null && (earliest === null || heartbeat < earliest)) earliest = heartbeat;
    }
    return single(secondsOrNull(earliest));
  },
  anthropic_work_oldest_item_timestamp_seconds: (environmentState, context) => {
    const items = shown(environmentState, context);
    const earliest: Partial<Record<WorkState, EpochMs>> = {};
    for (const observed of items?.live ?? []) {
      const since = inStateSince(observed);
      const { state } = observed.item;
      if (since !== null && since < (earliest[state] ?? Number.POSITIVE_INFINITY)) earliest[state] = since;
    }
    return AGED_STATES.flatMap((state) => {
      const since = earliest[state];
      return since === undefined ? [] : [{ labels: { state }, value: since / 1000 }];
    });
  },
  anthropic_work_list_truncated: (state, context) => {
    const read = fullRead(state, context);
    return single(read === null ? null : Number(read.truncated));
  },
  anthropic_work_list_pages: (state, context) => single(fullRead(state, context)?.pages ?? null),
  anthropic_work_list_items: (state, context) => single(fullRead(state, context)?.items ?? null),
  anthropic_work_list_last_full_read_timestamp_seconds: (state, context) =>
    single(secondsOrNull(fullRead(state, context)?.at ?? null)),
  anthropic_work_stats_list_mismatch_items: (state, context) => single(shown(state, context)?.mismatch ?? null),
} satisfies Measures<keyof typeof LIST_METRICS>;

function shown({ items }: EnvironmentState, { fresh }: MeasureContext): ItemsSnapshot | null {
  return fresh.data.list ? items : null;
}

function fullRead(state: EnvironmentState, context: MeasureContext): ItemsSnapshot['lastFullRead'] {
  return shown(state, context)?.lastFullRead ?? null;
}

/**
 * Live items by state, of each type that was ever seen live. One pass without a key to build: of all measures, those of
 * items have most to look at.
 */
function countStates({
  live,
  typesSeen = [],
}: ItemsSnapshot): ReadonlyMap<WorkType, Readonly<Record<WorkState, number>>> {
  const counts = new Map<WorkType, Record<WorkState, number>>([['session', { ...NO_ITEMS }]]);
  for (const type of typesSeen) counts.set(type, { ...NO_ITEMS });
  for (const { item } of live) {
    let ofType = counts.get(item.type);
    if (ofType === undefined) {
      ofType = { ...NO_ITEMS };
      counts.set(item.type, ofType);
    }
    ofType[item.state]++;
  }
  return counts;
}
