import type { EpochMs } from '../../base/clock.ts';
import { LIVE_STATES, RUNNING_STATES, WORK_TYPES } from '../../domain/work.ts';
import type { EnvironmentState, ItemsSnapshot, ObservedItem } from '../../state/environment-state.ts';
import { inStateSince, isStale } from '../../state/staleness.ts';
import type { LIST_METRICS } from '../catalogue/list-metrics.ts';
import { countByMetadata } from './count-by-metadata.ts';
import { type MeasureContext, type Measures, secondsOrNull, single } from './measure.ts';

const AGED_STATES = ['queued', ...RUNNING_STATES] as const;

/** What the list showed, while its last good read is recent enough. */
export const LIST_MEASURES = {
  anthropic_work_items: (state, context) => {
    const items = shown(state, context);
    if (items === null) return [];
    const counts = new Map<string, number>();
    for (const { item } of items.live.values()) {
      const key = `${item.state} ${item.type}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    const present = new Set([...(items.typesSeen ?? []), ...items.live.values().map(({ item }) => item.type)]);
    return WORK_TYPES.filter((type) => type === 'session' || present.has(type)).flatMap((type) =>
      LIVE_STATES.map((state) => ({
        labels: { state, work_type: type },
        value: counts.get(`${state} ${type}`) ?? 0,
      })),
    );
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
    const stale = [...items.live.values()].filter((observed) => isStale(observed, state.environment.thresholds));
    return RUNNING_STATES.map((state) => ({
      labels: { state },
      value: stale.filter(({ item }) => item.state === state).length,
    }));
  },
  anthropic_work_oldest_heartbeat_timestamp_seconds: (state, context) =>
    single(
      secondsOrNull(
        oldest(shown(state, context), ({ item }) => (item.state === 'active' ? item.latestHeartbeatAt : null)),
      ),
    ),
  anthropic_work_oldest_item_timestamp_seconds: (environmentState, context) => {
    const items = shown(environmentState, context);
    return AGED_STATES.flatMap((state) => {
      const since = oldest(items, (observed) => (observed.item.state === state ? inStateSince(observed) : null));
      return since === null ? [] : [{ labels: { state }, value: since / 1000 }];
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

function oldest(items: ItemsSnapshot | null, stampOf: (observed: ObservedItem) => EpochMs | null): EpochMs | null {
  let earliest: EpochMs | null = null;
  for (const observed of items?.live.values() ?? []) {
    const stamp = stampOf(observed);
    if (stamp !== null && (earliest === null || stamp < earliest)) earliest = stamp;
  }
  return earliest;
}
