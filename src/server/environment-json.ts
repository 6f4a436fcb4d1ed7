import type { EpochMs } from '../base/clock.ts';
import { hasKnownKey } from '../base/key-shape.ts';
import { alertOf, CONDITIONS } from '../diagnosis/conditions.ts';
import {
  type Condition,
  type ConditionPhase,
  type DiagnosisReport,
  gravestFirst,
  NO_REPORT,
} from '../diagnosis/report.ts';
import type { Operation, Thresholds } from '../domain/environment.ts';
import { boardUrl } from '../domain/server-settings.ts';
import { isRunning, LIVE_STATES, type LiveState, queueAgeMs, RUNNING_STATES } from '../domain/work.ts';
import type {
  EnvironmentState,
  ItemsSnapshot,
  ObservedItem,
  OperationState,
  PollRecord,
  QueueSnapshot,
  SessionsState,
} from '../state/environment-state.ts';
import { readingLifeMs, readingOf, sessionSince } from '../state/sessions.ts';
import { inStateSince, isStale, isWithinStaleAfter, nextAttemptAt } from '../state/staleness.ts';

/** What the JSON takes from elsewhere than the states. */
export interface JsonContext {
  /** Own clock. */
  readonly now: EpochMs;
  /** API clock − own clock of a connection, ms. */
  readonly skewMs: (connection: string) => number;
  /** Absent where nobody judges. */
  readonly report?: DiagnosisReport;
  /** The address of Grafana; null or absent: no links to boards. */
  readonly dashboardBaseUrl?: string | null;
}

/** How many items the JSON shows: docs/reference.md#json-of-an-environment. */
const WORST_ITEMS = 20;
/** The last instant that a Date can hold, ms. */
const LAST_INSTANT = 8.64e15;

/** RFC 3339 in ms, UTC; null when unknown or not an instant. */
export function jsonTime(at: EpochMs | null | undefined): string | null {
  return at === null || at === undefined || !(Math.abs(at) <= LAST_INSTANT) ? null : new Date(at).toISOString();
}

/** To a microsecond: what is beyond comes from the arithmetic. JSON has no infinity; NaN means unknown. */
export function jsonNumber(value: number | null): number | '+Inf' | null {
  if (value === null || Number.isNaN(value)) return null;
  if (Number.isFinite(value)) return Number(value.toFixed(6));
  return value > 0 ? '+Inf' : null;
}

/** Milliseconds as seconds to the millisecond, never negative. */
export function jsonDuration(milliseconds: number): number | '+Inf' | null {
  return jsonNumber(Math.round(Math.max(0, milliseconds)) / 1000);
}

/** All environments as `/api/v1/environments` and `once --format json` show them. */
export function environmentsJson(
  states: readonly EnvironmentState[],
  { shard, ...context }: JsonContext & { readonly shard: string },
) {
  const { report = NO_REPORT } = context;
  const watched = new Set(states.map(({ environment }) => environment.id));
  // One that has left keeps its conditions for a while, and that of a drill never was watched.
  const others = [...report.environments].flatMap(([id, conditions]) => (watched.has(id) ? [] : conditions));
  return {
    schema: 1,
    generated_at: jsonTime(context.now),
    shard,
    evaluated_at: jsonTime(report.at),
    conditions: gravestFirst([...[...report.connections.values()].flat(), ...others]).map(conditionJson),
    environments: states.map((state) => environmentJson(state, context)),
  };
}

export type EnvironmentJson = ReturnType<typeof environmentJson>;
export type EnvironmentDetail = ReturnType<typeof environmentDetailJson>;

/**
 * One environment as docs/reference.md#json-of-an-environment shows it. Redacted by construction: fields are picked one
 * by one from values that never held a key. Times are the API's own if the API stamped them.
 */
export function environmentJson(
  state: EnvironmentState,
  { now, skewMs, report = NO_REPORT, dashboardBaseUrl = null }: JsonContext,
) {
  const { environment, operations } = state;
  const { id, name, connection, source, labels } = environment;
  const visible = visibleState(state, now);
  const apiNow = now + skewMs(connection);
  return {
    id,
    name,
    connection,
    source,
    labels,
    status: environmentStatus(state, visible, apiNow),
    queue: visible.queue === null ? null : queueJson(visible.queue, operations.stats, now, apiNow),
    items: visible.items === null ? null : itemsJson(visible.items, state, now),
    operations: { stats: operationJson(state, 'stats'), list: operationJson(state, 'list') },
    dashboard_url: dashboardBaseUrl === null ? null : boardUrl(dashboardBaseUrl, 'environment', id),
    conditions: gravestFirst(report.environments.get(id) ?? []).map(conditionJson),
  };
}

/** The same, with details that only the page of one environment has room for. */
export function environmentDetailJson(
  state: EnvironmentState,
  { itemIds, ...context }: JsonContext & { readonly itemIds: boolean },
) {
  const { thresholds } = state.environment;
  const { items, sessions } = visibleState(state, context.now);
  return {
    ...environmentJson(state, context),
    sessions: sessionsJson(state),
    recent_polls: state.recentPolls.map(pollJson),
    recent_failures: state.recentFailures.map(pollJson),
    worst_items: worstItems(items?.live ?? [], thresholds).map((observed) => ({
      ...itemJson(observed, thresholds, itemIds),
      ...progressJson(observed, sessions),
    })),
  };
}

/** What may still be shown at a given moment: docs/design/README.md#freshness. */
export interface VisibleState {
  readonly queue: QueueSnapshot | null;
  readonly items: ItemsSnapshot | null;
  /** Null also while the items are: they determine which sessions matter. */
  readonly sessions: SessionsState | null;
}

/** Drops what is older than the `stale_after` in force. */
export function visibleState(state: EnvironmentState, now: EpochMs): VisibleState {
  const items = isWithinStaleAfter(state, 'list', now) ? state.items : null;
  const { sessions = null } = state;
  const readAt = sessions?.attempted ? sessions.lastReadAt : null;
  const areSessionsFresh = readAt !== null && Math.abs(now - readAt) <= readingLifeMs(state.environment);
  return {
    queue: isWithinStaleAfter(state, 'stats', now) ? state.queue : null,
    items,
    sessions: items !== null && areSessionsFresh ? sessions : null,
  };
}

/**
 * How well an environment can be seen, not how its queue is doing: that is what `conditions` say.
 *
 * - `misconfigured`: the API says that it does not exist or has no work queue, or no key can read it; waiting will not
 * help.
 * - `starting`: an operation was not tried yet, and none that was tried failed.
 * - `blind`: the queue is unknown: never read, or last read longer ago than `stale_after`.
 * - `degraded`: the queue is known, but an operation fails, the connection is paused after a 429, the item list is too
 * old or was not read to its end, or work waits and the API does not say since when.
 * - `ok`: everything for which there is a credential is read.
 */
function environmentStatus(
  { operations, pausedUntil }: EnvironmentState,
  { queue, items }: VisibleState,
  apiNow: EpochMs,
) {
  const attempted = Object.values(operations).filter((operation) => operation.attempted);
  const reasons = attempted.flatMap(({ failure }) => failure?.reason ?? []);
  const isPaused = (pausedUntil ?? null) !== null;
  if (attempted.length === 0 || reasons.includes('not_self_hosted') || reasons.includes('not_found')) {
    return 'misconfigured';
  }
  const isUntried = attempted.some(({ lastAttemptAt }) => lastAttemptAt === null);
  if (reasons.length === 0 && isUntried && !isPaused) return 'starting';
  // The queue is what people ask for; without a credential for stats, the item list must do.
  if ((operations.stats.attempted ? queue : items) === null) return 'blind';
  const areItemsIncomplete = operations.list.attempted && (items?.lastFullRead?.truncated ?? items === null);
  const isAgeUnknown = queue !== null && queueAgeMs(queue.stats, apiNow) === null;
  return reasons.length > 0 || isPaused || areItemsIncomplete || isAgeUnknown ? 'degraded' : 'ok';
}

function queueJson({ observedAt, stats }: QueueSnapshot, operation: OperationState, now: EpochMs, apiNow: EpochMs) {
  const age = queueAgeMs(stats, apiNow);
  return {
    ...observation(observedAt, operation, now),
    depth: stats.depth,
    pending: stats.pending,
    oldest_queued_at: jsonTime(stats.oldestQueuedAt),
    // An empty queue has no oldest item: nothing about it is unknown, so its age is 0, as on /metrics.
    oldest_age_seconds: age === null ? null : jsonDuration(age),
    workers_polling: stats.workersPolling,
  };
}

function itemsJson(items: ItemsSnapshot, { environment, operations }: EnvironmentState, now: EpochMs) {
  const byState = Object.fromEntries(LIVE_STATES.map((state) => [state, 0])) as Record<LiveState, number>;
  for (const { item } of items.live) if (item.state !== 'stopped') byState[item.state]++;
  return {
    ...observation(items.observedAt, operations.list, now),
    truncated: items.lastFullRead?.truncated ?? false,
    mode: items.mode,
    last_full_read_at: jsonTime(items.lastFullRead?.at),
    by_state: byState,
    stale_heartbeats: items.live.filter((observed) => isStale(observed, environment.thresholds)).length,
    live: RUNNING_STATES.reduce((sum, state) => sum + byState[state], 0),
  };
}

/** `stale`: kept from before a failed read, or a whole interval late. */
function observation(observedAt: EpochMs, { failure, scheduledIntervalMs }: OperationState, now: EpochMs) {
  return {
    observed_at: jsonTime(observedAt),
    age_seconds: jsonDuration(now - observedAt),
    stale: failure !== null || now - observedAt > 2 * scheduledIntervalMs,
  };
}

function operationJson(state: EnvironmentState, name: Operation) {
  const operation = state.operations[name];
  const { attempted, failure, lastAttemptAt } = operation;
  return {
    status: readStatus(attempted, failure, lastAttemptAt),
    credential: operation.credential,
    interval_seconds: jsonDuration(operation.scheduledIntervalMs),
    last_attempt_at: jsonTime(lastAttemptAt),
    last_success_at: jsonTime(operation.lastSuccessAt),
    next_attempt_at: jsonTime(nextAttemptAt(state, name)),
    consecutive_failures: operation.consecutiveFailures,
    error:
      failure === null || !attempted
        ? null
        : { ...failureJson(failure), message: failure.message, remedy: withoutPaths(failure.remedy) },
  };
}

/** How the sessions of long runs are read; null before the first look. No text of the API: it might come from a session. */
function sessionsJson({ environment, sessions }: EnvironmentState) {
  if (sessions === undefined) return null;
  const { attempted, longRuns, lastReadAt, failure } = sessions;
  return {
    status: environment.sessions.enabled ? readStatus(attempted, failure, lastReadAt) : 'off',
    long_runs: longRuns,
    last_read_at: jsonTime(lastReadAt),
    error: failure === null || !attempted ? null : failureJson(failure),
  };
}

function readStatus(attempted: boolean, failure: unknown, readAt: EpochMs | null) {
  if (!attempted) return 'not_attempted';
  if (failure !== null) return 'failing';
  return readAt === null ? 'pending' : 'ok';
}

function failureJson({ reason, httpStatus, requestId, since }: NonNullable<OperationState['failure']>) {
  return { reason, http_status: httpStatus, request_id: requestId, since: jsonTime(since) };
}

/** Many people may see the pages and the JSON: the option names the key, and only the log names its file. */
export function withoutPaths(text: string): string {
  return text.replaceAll(/\bfile (?:\/|[A-Za-z]:\\)[^\s,;]*[^\s,;.]/g, 'its file');
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

/** In the words of alerts: what holds is firing. */
const STATES = {
  pending: 'pending',
  holds: 'firing',
  ending: 'ending',
  explained: 'explained',
  clear: 'clear',
} as const satisfies Record<ConditionPhase, string>;

function conditionJson({ name, severity, phase, subject, ...condition }: Condition) {
  const { summary, description } = CONDITIONS[name];
  return {
    condition: name,
    alert: alertOf(name),
    severity,
    state: STATES[phase],
    connection: subject.kind === 'connection' ? subject.name : null,
    environments: condition.environments,
    since: jsonTime(condition.since),
    fires_at: phase === 'pending' ? jsonTime(condition.holdsFrom) : null,
    evidence: condition.evidence,
    summary: `${subject.name}: ${summary}`,
    remedy: description,
    explained_by: condition.explainedBy?.name ?? null,
  };
}

/** Ages as of the read that showed the item. */
function itemJson(observed: ObservedItem, thresholds: Thresholds, showsId: boolean) {
  const { item } = observed;
  const since = inStateSince(observed);
  return {
    // A broken service may use the key of a request as an id, and the page is open to many.
    id: showsId && !hasKnownKey(item.id) ? item.id : null,
    state: item.state,
    work_type: item.type,
    since: jsonTime(since),
    age_seconds: jsonNumber(secondsAtRead(since, observed)),
    heartbeat_age_seconds: jsonNumber(secondsAtRead(item.latestHeartbeatAt, observed)),
    stale: isStale(observed, thresholds),
  };
}

/** How often the item was delivered since its last stop, and what its session does, if that was read. */
function progressJson(observed: ObservedItem, sessions: SessionsState | null) {
  const reading = readingOf(sessions, observed);
  return {
    deliveries: observed.deliveries ?? 0,
    session_status: reading?.facts.status ?? null,
    session_wait_reason: reading?.idle?.reason ?? null,
    session_since: jsonTime(reading === null ? null : sessionSince(reading)),
  };
}

/** The items that a person should look at first: stale ones, then by how far their age exceeds its limit, then by age. */
function worstItems(live: readonly ObservedItem[], thresholds: Thresholds): readonly ObservedItem[] {
  const ranked = live.map((observed) => {
    const age = secondsAtRead(inStateSince(observed), observed) ?? -1;
    const limit = limitSeconds(observed, thresholds);
    const overLimit = limit > 0 ? Math.max(0, age) / limit : age;
    return { observed, age, overLimit, stale: Number(isStale(observed, thresholds)) };
  });
  ranked.sort((one, other) => other.stale - one.stale || other.overLimit - one.overLimit || other.age - one.age);
  return ranked.slice(0, WORST_ITEMS).map(({ observed }) => observed);
}

function limitSeconds({ item }: ObservedItem, { stateAgeSeconds, queueAgeSeconds }: Thresholds): number {
  if (isRunning(item.state)) return stateAgeSeconds[item.state];
  return item.state === 'queued' ? queueAgeSeconds.warning : Number.POSITIVE_INFINITY;
}

/** Seconds between a moment of the API's clock and the read that showed the item; never negative. */
function secondsAtRead(since: EpochMs | null, observed: ObservedItem): number | null {
  return since === null ? null : Math.max(0, (observed.observedAt - since) / 1000);
}
