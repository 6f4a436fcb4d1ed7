import type { ObservedMetricName } from '../../../src/metrics/catalogue.ts';
import { buildItems, buildState } from '../../support/states.ts';
import { busy, type Case, NOW_SECONDS, stale, withoutList } from './presence-case.ts';

/** What the list says. */
export const LIST_CASES = {
  anthropic_work_items: {
    present: [
      busy,
      [
        'state=queued work_type=session 1',
        'state=starting work_type=session 2',
        'state=active work_type=session 2',
        'state=stopping work_type=session 1',
        'state=other work_type=session 0',
        'state=queued work_type=healthcheck 0',
        'state=starting work_type=healthcheck 0',
        'state=active work_type=healthcheck 0',
        'state=stopping work_type=healthcheck 0',
        'state=other work_type=healthcheck 1',
      ],
    ],
    absent: { states: [withoutList] },
  },
  anthropic_work_items_by_metadata: {
    present: [
      busy,
      [
        'state=queued key=team value=red 1',
        ...['starting', 'active', 'stopping', 'other'].map((state) => `state=${state} key=team value=red 0`),
      ],
    ],
    absent: { states: [buildState()] },
  },
  anthropic_work_stale_heartbeat_items: {
    present: [busy, ['state=starting 1', 'state=active 1', 'state=stopping 1']],
    absent: stale,
  },
  anthropic_work_oldest_heartbeat_timestamp_seconds: {
    present: [busy, [`${NOW_SECONDS - 125.001}`]],
    absent: { states: [buildState()] },
  },
  anthropic_work_oldest_item_timestamp_seconds: {
    present: [
      busy,
      [
        `state=queued ${NOW_SECONDS - 20}`,
        `state=starting ${NOW_SECONDS - 400}`,
        `state=active ${NOW_SECONDS - 60}`,
        `state=stopping ${NOW_SECONDS - 7}`,
      ],
    ],
    absent: { states: [buildState('env_1', { items: buildItems([]) })] },
  },
  anthropic_work_list_truncated: { present: [busy, ['1']], absent: stale },
  anthropic_work_list_pages: { present: [busy, ['3']], absent: stale },
  anthropic_work_list_items: {
    present: [busy, ['250']],
    absent: { states: [buildState('env_1', { items: buildItems([], { lastFullRead: null }) })] },
  },
  anthropic_work_list_last_full_read_timestamp_seconds: { present: [busy, [`${NOW_SECONDS - 5}`]], absent: stale },
  anthropic_work_stats_list_mismatch_items: {
    present: [busy, ['-2']],
    absent: { states: [buildState('env_1', { items: buildItems([], { mismatch: null }) })] },
  },
} satisfies Partial<Record<ObservedMetricName, Case>>;
