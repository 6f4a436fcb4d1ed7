import type { EpochMs } from '../../base/clock.ts';
import { type DiagnosisReport, NO_REPORT } from '../../diagnosis/report.ts';
import { LIVE_STATES, type LiveState, queueAgeMs, RUNNING_STATES } from '../../domain/work.ts';
import { boardUrl } from '../../rules/annotations.ts';
import type {
  EnvironmentState,
  ItemsSnapshot,
  OperationState,
  PollRecord,
  QueueSnapshot,
} from '../../state/environment-state.ts';
import { conditionsJson } from './conditions-json.ts';
import { itemJson, progressJson } from './item-json.ts';
import { staleItems } from './items-at-read.ts';
import { jsonDuration, jsonNumber, jsonTime } from './json-values.ts';
import { operationJson } from './operation-json.ts';
import { sessionsJson } from './sessions-json.ts';
import { environmentStatus, visibleState } from './visible-state.ts';
import { worstItems } from './worst-items.ts';

/** The moment of an answer: the own clock, and how far the API's clock is ahead of it. */
export interface Moment {
  readonly now: EpochMs;
  /** API clock − own clock, ms. */
  readonly skewMs: number;
}

/** What does not come from its state. */
export interface EnvironmentExtras {
  /** Absent where nobody judges. */
  readonly report?: DiagnosisReport;
  /** The address of Grafana; null: no link to its board. */
  readonly dashboardBaseUrl?: string | null;
}

export type EnvironmentJson = ReturnType<typeof environmentJson>;

/**
 * One environment as docs/reference.md#json-of-an-environment shows it. Redacted by construction: fields are picked one
 * by one from values that never held a key. Times are the API's own if the API stamped them.
 */
export function environmentJson(
  state: EnvironmentState,
  { now, skewMs }: Moment,
  { report = NO_REPORT, dashboardBaseUrl = null }: EnvironmentExtras = {},
) {
  const { environment, operations } = state;
  const visible = visibleState(state, now);
  const apiNow = now + skewMs;
  return {
    id: environment.id,
    name: environment.name,
    connection: environment.connection,
    source: environment.source,
    labels: environment.labels,
    status: environmentStatus(state, visible, apiNow),
    queue: visible.queue === null ? null : queueJson(visible.queue, operations.stats, { now, apiNow }),
    items: visible.items === null ? null : itemsJson(visible.items, state, now),
    operations: { stats: operationJson(state, 'stats'), list: operationJson(state, 'list') },
    dashboard_url: dashboardBaseUrl === null ? null : boardUrl(dashboardBaseUrl, 'environment', environment.id),
    conditions: conditionsJson(report, environment.id),
  };
}

/** The same, with details that only the page of one environment has room for. */
export function environmentDetailJson(
  state: EnvironmentState,
  moment: Moment,
  { itemIds, ...extras }: EnvironmentExtras & { readonly itemIds: boolean },
) {
  const { items, sessions } = visibleState(state, moment.now);
  const { thresholds } = state.environment;
  return {
    ...environmentJson(state, moment, extras),
    sessions: sessionsJson(state),
    recent_polls: state.recentPolls.map(pollJson),
    recent_failures: state.recentFailures.map(pollJson),
    worst_items:
      items === null
        ? []
        : worstItems(items, sessions, thresholds).map((observed) => ({
            ...itemJson(observed, thresholds, itemIds),
            ...progressJson(observed, sessions),
          })),
  };
}

function queueJson(queue: QueueSnapshot, operation: OperationState, at: { now: EpochMs; apiNow: EpochMs }) {
  const { depth, pending, oldestQueuedAt, workersPolling } = queue.stats;
  const age = queueAgeMs(queue.stats, at.apiNow);
  return {
    ...observation(queue.observedAt, operation, at.now),
    depth,
    pending,
    oldest_queued_at: jsonTime(oldestQueuedAt),
    // An empty queue has no oldest item: nothing about it is unknown, so its age is 0, as on /metrics.
    oldest_age_seconds: age === null ? null : jsonDuration(age),
    workers_polling: workersPolling,
  };
}

function itemsJson(items: ItemsSnapshot, { environment, operations }: EnvironmentState, now: EpochMs) {
  const byState = Object.fromEntries(LIVE_STATES.map((state) => [state, 0])) as Record<LiveState, number>;
  for (const { item } of items.live) if (item.state !== 'stopped') byState[item.state]++;
  return {
    ...observation(items.observedAt, operations.list, now),
    truncated: items.lastFullRead?.truncated ?? false,
    mode: items.mode,
    last_full_read_at: jsonTime(items.lastFullRead?.at ?? null),
    by_state: byState,
    stale_heartbeats: staleItems(items, environment.thresholds).length,
    live: RUNNING_STATES.reduce((sum, state) => sum + byState[state], 0),
  };
}

/** `stale`: kept from before a failed read, or a whole interval late. */
function observation(observedAt: EpochMs, operation: OperationState, now: EpochMs) {
  const late = now - observedAt > 2 * operation.scheduledIntervalMs;
  return {
    observed_at: jsonTime(observedAt),
    age_seconds: jsonDuration(now - observedAt),
    stale: operation.failure !== null || late,
  };
}

function pollJson(poll: PollRecord) {
  return {
    at: jsonTime(poll.at),
    operation: poll.operation,
    ok: poll.ok,
    reason: poll.reason,
    http_status: poll.httpStatus,
    request_id: poll.requestId,
    duration_seconds: jsonNumber(poll.durationSeconds),
    requests: poll.requests,
  };
}
