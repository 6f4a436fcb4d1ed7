import { describe, expect, it } from 'vitest';
import { FAILURE_REASONS } from '../../src/domain/failure.ts';
import { DURATION_BUCKETS, emptyHistogram, observe, STOP_BUCKETS } from '../../src/domain/histogram.ts';
import { OBSERVED_METRICS, type ObservedMetricName } from '../../src/metrics/catalogue.ts';
import type { EnvironmentState } from '../../src/state/environment-state.ts';
import { countedTotals, samplesOf, short } from '../support/expositions.ts';
import {
  buildEnvironment,
  buildItem,
  buildItems,
  buildOperation,
  buildSessions,
  buildState,
  buildStats,
  failingOperation,
  longRun,
  NOW,
  untriedOperation,
} from '../support/states.ts';

/** A state that shows a metric, its samples in short, and what hides it: states, and perhaps a later moment. */
type Case = readonly [state: EnvironmentState, samples: readonly string[], absent: Absent];
interface Absent {
  readonly states: readonly EnvironmentState[];
  readonly now?: number;
}

const NOW_SECONDS = NOW / 1000;
/** Long after the last read of `buildState`. */
const STALE = NOW + 600_000;

const untried = buildState('env_1', {
  operations: { stats: untriedOperation(), list: untriedOperation() },
  queue: null,
  items: null,
});
const withoutList = buildState('env_1', {
  operations: { stats: buildOperation(), list: untriedOperation({ attempted: false }) },
  items: null,
});

/** Items in each state, read long ago enough for some of them to be stale. */
const busy = buildState('env_1', {
  environment: buildEnvironment('env_1', { metadata: { keys: ['team'], maxValues: 5 } }),
  items: buildItems(
    [
      buildItem('a', { metadata: { team: 'red' } }),
      buildItem('b', { state: 'starting', acknowledgedAt: NOW - 400_000 }),
      buildItem('c', { state: 'starting', acknowledgedAt: NOW - 10_000 }),
      buildItem('d', { state: 'active', acknowledgedAt: NOW - 50_000, latestHeartbeatAt: NOW - 125_001 }),
      buildItem('e', { state: 'active', acknowledgedAt: NOW - 60_000, latestHeartbeatAt: NOW - 125_000 }),
      buildItem('f', { state: 'stopping', stopRequestedAt: NOW - 7000, latestHeartbeatAt: NOW - 300_000 }),
      buildItem('g', { state: 'other', type: 'healthcheck' }),
    ],
    {
      lastFullRead: { at: NOW - 5000, pages: 3, items: 250, truncated: true },
      mismatch: -2,
      shownMetadata: new Map([['team', new Set(['red'])]]),
    },
  ),
});

/** Long runs whose sessions were read, one of them in an earlier run, and an item that was delivered five times. */
const progressing = buildState('env_1', {
  items: buildItems([
    longRun('runs'),
    longRun('turn-ended'),
    longRun('waits'),
    longRun('waits-unstamped'),
    longRun('idle-unexplained'),
    longRun('waits-longer', { deliveries: 5 }),
    longRun('other-run', { runAcknowledgedAt: NOW - 900_000 }),
    longRun('not-read'),
  ]),
  sessions: buildSessions(
    {
      runs: ['running'],
      'turn-ended': ['idle', 'end_turn', NOW - 20_000],
      waits: ['idle', 'requires_action', NOW - 2_000_000],
      'waits-unstamped': ['idle', 'requires_action', null],
      'idle-unexplained': ['idle'],
      'waits-longer': ['idle', 'requires_action', NOW - 3_000_000],
      'other-run': ['terminated'],
      ended: ['terminated'],
    },
    { requests: 7 },
  ),
});

/** Hides what goes on for as long as the environment is watched. */
const never: Absent = { states: [] };
/** Hides what is too old. */
const stale: Absent = { states: [busy], now: STALE };

function withStats(change: Parameters<typeof buildStats>[0]): EnvironmentState {
  return buildState('env_1', { queue: { observedAt: NOW - 5000, stats: buildStats(change) } });
}

const counted = buildState('env_1', {
  ledger: countedTotals({
    ...{ created: 1, acknowledged: 2, stopped: 3, requeued: 4, lapsed: 5, waitUnknown: 6 },
    wait: observe(emptyHistogram(DURATION_BUCKETS), 3.5),
    run: observe(emptyHistogram(DURATION_BUCKETS), 100_000),
    stop: observe(emptyHistogram(STOP_BUCKETS), 60),
  }),
});
function histogram(bounds: readonly number[], counts: (bound: number) => number, sum: number): string[] {
  const buckets = [...bounds, Number.POSITIVE_INFINITY].map((bound) => {
    const le = bound === Number.POSITIVE_INFINITY ? '+Inf' : `${bound}.0`;
    return `_bucket le=${le} ${counts(bound)}`;
  });
  return [...buckets, `_sum ${sum}`, '_count 1'];
}

const failing = buildState('env_1', {
  operations: {
    stats: buildOperation(),
    list: failingOperation('timeout', {
      backoffUntil: NOW + 60_000,
      requests: 9,
      failuresByReason: { ...buildOperation().failuresByReason, timeout: 2 },
    }),
  },
});

const withoutSessions = { ...progressing, sessions: { ...progressing.sessions!, attempted: false } };
const noSessions = { states: [busy, withoutSessions] };

/** Hides what nothing is known of. */
const uncounted: Absent = { states: [buildState()] };
const unlisted: Absent = { states: [{ ...counted, operations: withoutList.operations }] };

/** A metric that is added needs its case here. */
const CASES: Readonly<Record<ObservedMetricName, Case>> = {
  anthropic_work_environment_info: [untried, ['connection=default workspace_id= source=config 1'], never],
  anthropic_work_environment_labels: [
    buildState('env_1', { environment: buildEnvironment('env_1', { labels: { team: 'a', tier: 'b' } }) }),
    ['label_team=a label_tier=b 1'],
    never,
  ],
  anthropic_work_watched_since_timestamp_seconds: [untried, [`${NOW_SECONDS - 600}`], never],
  anthropic_work_environment_archived_timestamp_seconds: [
    buildState('env_1', { archivedAt: NOW - 3_600_000 }),
    [`${NOW_SECONDS - 3600}`],
    { states: [untried, buildState('env_1', { archivedAt: null })] },
  ],
  anthropic_work_threshold_queue_age_seconds: [untried, ['severity=warning 300', 'severity=critical 900'], never],
  anthropic_work_threshold_queue_depth: [untried, ['severity=warning 100', 'severity=critical Infinity'], never],
  anthropic_work_threshold_stale_heartbeat_items: [
    untried,
    ['severity=warning 1', 'severity=critical Infinity'],
    never,
  ],
  anthropic_work_threshold_state_age_seconds: [
    untried,
    ['state=starting 300', 'state=active Infinity', 'state=stopping 120'],
    never,
  ],
  anthropic_work_threshold_stale_heartbeat_seconds: [untried, ['120'], never],
  anthropic_work_threshold_cold_start_seconds: [untried, ['150'], never],
  anthropic_work_threshold_session_wait_seconds: [untried, ['1800'], never],
  anthropic_work_threshold_min_workers: [untried, ['0'], never],
  anthropic_work_slo_queue_wait_target_seconds: [untried, ['300'], never],
  anthropic_work_slo_objective_ratio: [untried, ['0.99'], never],
  anthropic_work_poll_interval_seconds: [withoutList, ['operation=stats 15'], never],
  anthropic_work_poll_interval_configured_seconds: [untried, ['operation=stats 15', 'operation=list 30'], never],
  anthropic_work_list_attempted: [withoutList, ['0'], never],
  anthropic_work_queue_depth: [withStats({ depth: 7 }), ['7'], stale],
  anthropic_work_queue_pending: [withStats({ pending: 2 }), ['2'], { states: [untried] }],
  anthropic_work_queue_oldest_timestamp_seconds: [
    withStats({ oldestQueuedAt: NOW - 1500 }),
    [`${NOW_SECONDS - 1.5}`],
    { states: [withStats({ oldestQueuedAt: null })] },
  ],
  anthropic_work_queue_oldest_age_seconds: [
    withStats({ oldestQueuedAt: NOW - 1500 }),
    ['1.5'],
    { states: [withStats({ oldestQueuedAt: null })] },
  ],
  anthropic_work_queue_age_unknown: [withStats({ oldestQueuedAt: null }), ['1'], stale],
  anthropic_work_workers_polling: [
    withStats({ workersPolling: 0 }),
    ['0'],
    { states: [withStats({ workersPolling: null })] },
  ],
  anthropic_work_items: [
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
    { states: [withoutList] },
  ],
  anthropic_work_items_by_metadata: [
    busy,
    [
      'state=queued key=team value=red 1',
      ...['starting', 'active', 'stopping', 'other'].map((state) => `state=${state} key=team value=red 0`),
    ],
    uncounted,
  ],
  anthropic_work_stale_heartbeat_items: [busy, ['state=starting 1', 'state=active 1', 'state=stopping 1'], stale],
  anthropic_work_oldest_heartbeat_timestamp_seconds: [busy, [`${NOW_SECONDS - 125.001}`], uncounted],
  anthropic_work_oldest_item_timestamp_seconds: [
    busy,
    [
      `state=queued ${NOW_SECONDS - 20}`,
      `state=starting ${NOW_SECONDS - 400}`,
      `state=active ${NOW_SECONDS - 60}`,
      `state=stopping ${NOW_SECONDS - 7}`,
    ],
    { states: [buildState('env_1', { items: buildItems([]) })] },
  ],
  anthropic_work_list_truncated: [busy, ['1'], stale],
  anthropic_work_list_pages: [busy, ['3'], stale],
  anthropic_work_list_items: [
    busy,
    ['250'],
    { states: [buildState('env_1', { items: buildItems([], { lastFullRead: null }) })] },
  ],
  anthropic_work_list_last_full_read_timestamp_seconds: [busy, [`${NOW_SECONDS - 5}`], stale],
  anthropic_work_stats_list_mismatch_items: [
    busy,
    ['-2'],
    { states: [buildState('env_1', { items: buildItems([], { mismatch: null }) })] },
  ],
  anthropic_work_items_created_total: [counted, ['1'], unlisted],
  anthropic_work_items_acknowledged_total: [counted, ['2'], unlisted],
  anthropic_work_items_stopped_total: [counted, ['3'], unlisted],
  anthropic_work_items_requeued_total: [counted, ['4'], unlisted],
  anthropic_work_items_lapsed_total: [counted, ['5'], unlisted],
  anthropic_work_queue_wait_seconds: [
    counted,
    histogram(DURATION_BUCKETS, (bound) => (bound < 3.5 ? 0 : 1), 3.5),
    unlisted,
  ],
  anthropic_work_queue_wait_unknown_total: [counted, ['6'], unlisted],
  anthropic_work_run_seconds: [
    counted,
    histogram(DURATION_BUCKETS, (bound) => (bound < 100_000 ? 0 : 1), 100_000),
    unlisted,
  ],
  anthropic_work_stop_seconds: [counted, histogram(STOP_BUCKETS, (bound) => (bound < 60 ? 0 : 1), 60), unlisted],
  anthropic_work_up: [failing, ['operation=stats 1', 'operation=list 0'], never],
  anthropic_work_last_success_timestamp_seconds: [
    withoutList,
    [`operation=stats ${NOW_SECONDS - 5}`],
    { states: [untried] },
  ],
  anthropic_work_last_poll_duration_seconds: [
    failing,
    ['operation=stats 0.12', 'operation=list 0.12'],
    { states: [untried] },
  ],
  anthropic_work_backoff_until_timestamp_seconds: [failing, [`operation=list ${NOW_SECONDS + 60}`], uncounted],
  anthropic_work_api_requests_total: [
    progressing,
    ['operation=stats 4', 'operation=list 4', 'operation=session 7'],
    never,
  ],
  anthropic_work_api_request_failures_total: [
    failing,
    ['stats', 'list'].flatMap((operation) =>
      FAILURE_REASONS.map((reason) => {
        const count = operation === 'list' && reason === 'timeout' ? 2 : 0;
        return `operation=${operation} reason=${reason} ${count}`;
      }),
    ),
    never,
  ],
  anthropic_work_session_attempted: [progressing, ['1'], never],
  anthropic_work_session_items: [
    progressing,
    ['status=running 1', 'status=rescheduling 0', 'status=idle 5', 'status=terminated 0', 'status=other 0'],
    noSessions,
  ],
  anthropic_work_session_waiting_items: [
    progressing,
    ['reason=requires_action 3', 'reason=end_turn 1', 'reason=retries_exhausted 0', 'reason=other 0'],
    noSessions,
  ],
  anthropic_work_session_oldest_wait_timestamp_seconds: [
    progressing,
    [`reason=requires_action ${NOW_SECONDS - 3000}`, `reason=end_turn ${NOW_SECONDS - 20}`],
    noSessions,
  ],
  anthropic_work_item_deliveries_max: [progressing, ['5'], stale],
  anthropic_work_redelivered_items: [progressing, ['1'], stale],
};

describe.each(OBSERVED_METRICS.map(([name]) => name))('%s', (name) => {
  const [state, shown, absent] = CASES[name];

  it('is there with its values', async () => {
    const samples = await samplesOf(name, [state]);
    expect(samples.map((sample) => short(sample, name))).toEqual(shown);
    for (const { labels } of samples) expect(labels).toMatchObject({ environment_id: 'env_1', environment_name: '1' });
  });

  it('is absent when nothing is known, never 0', async () => {
    expect(await samplesOf(name, absent.states, { now: absent.now ?? NOW })).toEqual([]);
  });
});
