import type { EpochMs } from '../base/clock.ts';
import { hasKnownKey } from '../base/secret.ts';
import { alertOf, CONDITIONS } from '../diagnosis/conditions.ts';
import { type Condition, type DiagnosisReport, gravestFirst } from '../diagnosis/report.ts';
import { OPERATIONS, type Operation } from '../domain/environment.ts';
import { boardUrl } from '../domain/server-settings.ts';
import { isRunning, LIVE_STATES, type LiveState, queueAgeMs } from '../domain/work.ts';
import type { EnvironmentState, ObservedItem, OperationState, PollRecord } from '../state/environment-state.ts';
import { readingLifeMs, readingOf, sessionSince } from '../state/sessions.ts';
import { inStateSince, isStale, isWithinStaleAfter, nextAttemptAt } from '../state/staleness.ts';
import { Refusal } from './answers.ts';
import type { ServerDeps } from './server-deps.ts';

/** What the JSON takes from elsewhere than the states. */
export interface JsonContext extends Pick<ServerDeps, 'skewMs' | 'pausedUntil'> {
  /** Own clock. */
  readonly now: EpochMs;
  readonly report: DiagnosisReport;
  /** The address of Grafana; null: no links to boards. */
  readonly dashboardBaseUrl: string | null;
}

const WORST_ITEMS = 20;

/** RFC 3339 in ms, UTC; null when unknown. */
export function jsonTime(at: EpochMs | null | undefined): string | null {
  return at === null || at === undefined ? null : new Date(at).toISOString();
}

/** Milliseconds as seconds, never negative. */
function seconds(milliseconds: number): number {
  return Math.round(Math.max(0, milliseconds)) / 1000;
}

/** All environments as `/api/v1/environments` and `once --format json` show them. */
export function environmentsJson(
  states: readonly EnvironmentState[],
  { shard, ...context }: JsonContext & { readonly shard: string },
) {
  const { report } = context;
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

export type ConditionJson = ReturnType<typeof conditionJson>;
export type EnvironmentJson = ReturnType<typeof environmentJson>;
export type EnvironmentDetail = ReturnType<typeof environmentDetailJson>;

/** Redacted by construction: fields are picked one by one from values that never held a key. */
export function environmentJson(state: EnvironmentState, context: JsonContext) {
  const { now, report, dashboardBaseUrl } = context;
  const { id, name, connection, source, labels } = state.environment;
  const apiNow = now + context.skewMs(connection);
  const pausedUntil = context.pausedUntil(connection);
  return {
    id,
    name,
    connection,
    source,
    labels,
    status: environmentStatus(state, { now, apiNow, isPaused: pausedUntil !== null }),
    queue: queueJson(state, now, apiNow),
    items: itemsJson(state, now),
    operations: { stats: operationJson(state, 'stats', pausedUntil), list: operationJson(state, 'list', pausedUntil) },
    dashboard_url: dashboardBaseUrl === null ? null : boardUrl(dashboardBaseUrl, 'environment', id),
    conditions: gravestFirst(report.environments.get(id) ?? []).map(conditionJson),
  };
}

/** The same, with details that only the page of one environment has room for. */
export function environmentDetailJson(
  state: EnvironmentState,
  { itemIds, ...context }: JsonContext & { readonly itemIds: boolean },
) {
  return {
    ...environmentJson(state, context),
    sessions: sessionsJson(state),
    recent_polls: state.recentPolls.map(pollJson),
    recent_failures: state.recentFailures.map(pollJson),
    worst_items: worstItems(state, context.now).map((observed) => itemJson(observed, state, { itemIds, ...context })),
  };
}

/** The queue and the items as they may still be shown, which is not when they are older than `stale_after`. */
function visible(state: EnvironmentState, now: EpochMs) {
  return {
    queue: isWithinStaleAfter(state, 'stats', now) ? state.queue : null,
    items: isWithinStaleAfter(state, 'list', now) ? state.items : null,
  };
}

/** How well an environment can be seen, not how its queue does: docs/reference.md#json-of-an-environment. */
function environmentStatus(
  state: EnvironmentState,
  { now, apiNow, isPaused }: { readonly now: EpochMs; readonly apiNow: EpochMs; readonly isPaused: boolean },
) {
  const { queue, items } = visible(state, now);
  const { stats, list } = state.operations;
  const attempted = [stats, list].filter((operation) => operation.attempted);
  const reasons = attempted.flatMap(({ failure }) => failure?.reason ?? []);
  if (attempted.length === 0 || reasons.includes('not_self_hosted') || reasons.includes('not_found')) {
    return 'misconfigured';
  }
  const isUntried = attempted.some(({ lastAttemptAt }) => lastAttemptAt === null);
  if (reasons.length === 0 && isUntried && !isPaused) return 'starting';
  // The queue is what people ask for; without a credential for stats, the item list must do.
  if ((stats.attempted ? queue : items) === null) return 'blind';
  const areItemsIncomplete = list.attempted && (items?.lastFullRead?.truncated ?? items === null);
  const isAgeUnknown = queue !== null && queueAgeMs(queue.stats, apiNow) === null;
  return reasons.length > 0 || isPaused || areItemsIncomplete || isAgeUnknown ? 'degraded' : 'ok';
}

function queueJson(state: EnvironmentState, now: EpochMs, apiNow: EpochMs) {
  const { queue } = visible(state, now);
  if (queue === null) return null;
  const { depth, pending, oldestQueuedAt, workersPolling } = queue.stats;
  const age = queueAgeMs(queue.stats, apiNow);
  return {
    ...observation(queue.observedAt, state.operations.stats, now),
    depth,
    pending,
    oldest_queued_at: jsonTime(oldestQueuedAt),
    // An empty queue has no oldest item: nothing about it is unknown, so its age is 0, as on /metrics.
    oldest_age_seconds: age === null ? null : seconds(age),
    workers_polling: workersPolling,
  };
}

function itemsJson(state: EnvironmentState, now: EpochMs) {
  const { items } = visible(state, now);
  if (items === null) return null;
  const byState = Object.fromEntries(LIVE_STATES.map((one) => [one, 0])) as Record<LiveState, number>;
  for (const { item } of items.live) if (item.state !== 'stopped') byState[item.state]++;
  return {
    ...observation(items.observedAt, state.operations.list, now),
    truncated: items.lastFullRead?.truncated ?? false,
    mode: items.mode,
    last_full_read_at: jsonTime(items.lastFullRead?.at),
    by_state: byState,
    stale_heartbeats: items.live.filter((one) => isStale(one, state.environment.thresholds)).length,
    live: byState.starting + byState.active + byState.stopping,
  };
}

/** `stale`: kept from before a failed read, or a whole interval late. */
function observation(observedAt: EpochMs, { failure, scheduledIntervalMs }: OperationState, now: EpochMs) {
  return {
    observed_at: jsonTime(observedAt),
    age_seconds: seconds(now - observedAt),
    stale: failure !== null || now - observedAt > 2 * scheduledIntervalMs,
  };
}

function operationJson(state: EnvironmentState, name: Operation, pausedUntil: EpochMs | null) {
  const operation = state.operations[name];
  const { attempted, failure, lastAttemptAt } = operation;
  return {
    status: readStatus(attempted, failure, lastAttemptAt),
    credential: operation.credential,
    interval_seconds: seconds(operation.scheduledIntervalMs),
    last_attempt_at: jsonTime(lastAttemptAt),
    last_success_at: jsonTime(operation.lastSuccessAt),
    next_attempt_at: jsonTime(nextAttemptAt({ state, pausedUntil }, name)),
    consecutive_failures: operation.consecutiveFailures,
    error:
      failure === null || !attempted
        ? null
        : { ...failureJson(failure), message: failure.message, remedy: withoutPaths(failure.remedy) },
  };
}

/** How the sessions of long runs are read; null before the first look. No text of the API: it might come from a session. */
function sessionsJson({ environment, sessions }: EnvironmentState) {
  if (sessions === null) return null;
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
function withoutPaths(text: string): string {
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
    duration_seconds: seconds(poll.durationSeconds * 1000),
    requests: poll.requests,
  };
}

/** In the words of alerts. */
export function conditionJson({ name, severity, phase, subject, ...condition }: Condition) {
  const { summary, description } = CONDITIONS[name];
  return {
    condition: name,
    alert: alertOf(name),
    severity,
    state: phase === 'holds' ? ('firing' as const) : phase,
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

/** Ages as of the read that showed the item; its session if that was read lately. */
function itemJson(
  observed: ObservedItem,
  { environment, sessions }: EnvironmentState,
  { now, itemIds }: { readonly now: EpochMs; readonly itemIds: boolean },
) {
  const { id, state, type, latestHeartbeatAt } = observed.item;
  const since = inStateSince(observed);
  const readAt = sessions?.attempted ? sessions.lastReadAt : null;
  const isFresh = readAt !== null && Math.abs(now - readAt) <= readingLifeMs(environment);
  const reading = isFresh ? readingOf(sessions, observed) : null;
  return {
    // A broken service may use the key of a request as an id, and the page is open to many.
    id: itemIds && !hasKnownKey(id) ? id : null,
    state,
    work_type: type,
    since: jsonTime(since),
    age_seconds: since === null ? null : seconds(observed.observedAt - since),
    heartbeat_age_seconds: latestHeartbeatAt === null ? null : seconds(observed.observedAt - latestHeartbeatAt),
    stale: isStale(observed, environment.thresholds),
    /** Since its last stop. */
    deliveries: observed.deliveries,
    session_status: reading?.facts.status ?? null,
    session_wait_reason: reading?.idle?.reason ?? null,
    session_since: reading === null ? null : jsonTime(sessionSince(reading)),
  };
}

/** The items that a person should look at first: stale ones, then by how far their age exceeds its limit, then by age. */
function worstItems(state: EnvironmentState, now: EpochMs): readonly ObservedItem[] {
  const { thresholds } = state.environment;
  const ranked = (visible(state, now).items?.live ?? []).map((observed) => {
    const age = observed.observedAt - (inStateSince(observed) ?? observed.observedAt);
    const { state: itemState } = observed.item;
    const limit = isRunning(itemState) ? thresholds.stateAgeSeconds[itemState] : thresholds.queueAgeSeconds.warning;
    return { observed, age, overLimit: age / limit, stale: Number(isStale(observed, thresholds)) };
  });
  ranked.sort((one, other) => other.stale - one.stale || other.overLimit - one.overLimit || other.age - one.age);
  return ranked.slice(0, WORST_ITEMS).map(({ observed }) => observed);
}

/** The latest that an autoscaler without a number is told to ask again. */
const MOST_RETRY_SECONDS = 300;

/**
 * How many workers an environment needs: for waiting and for running items, because an autoscaler that sees only the
 * queue stops busy workers. What is unknown is not a number but a `Refusal`: a 0 would stop them all.
 */
export function scalingJson(state: EnvironmentState, context: ScalingContext) {
  const { now } = context;
  const { queue, items } = visible(state, now);
  const { stats, list } = state.operations;
  const isListUnknown = items === null || list.failure !== null || items.lastFullRead?.truncated === true;
  if (queue === null || stats.failure !== null) throw unknownScaling(state, 'stats', context);
  if (list.attempted && isListUnknown) throw unknownScaling(state, 'list', context);
  const read = list.attempted ? items : null;
  const { depth, pending } = queue.stats;
  const live = read === null ? null : read.live.filter(({ item }) => isRunning(item.state)).length;
  const { itemsPerWorker, minWorkers, maxWorkers } = state.environment.scaling;
  const wanted = live === null ? null : Math.ceil((depth + pending + live) / itemsPerWorker);
  // The time of the older of the reads that this is based on.
  const observedAt = Math.min(queue.observedAt, read?.observedAt ?? queue.observedAt);
  return {
    schema: 1,
    environment_id: state.environment.id,
    observed_at: jsonTime(observedAt),
    age_seconds: seconds(now - observedAt),
    queue_depth: depth,
    queue_pending: pending,
    live_items: live,
    wanted_workers: wanted === null ? null : Math.min(maxWorkers, Math.max(minWorkers, wanted)),
  };
}

type ScalingContext = Pick<JsonContext, 'now' | 'pausedUntil'>;

function unknownScaling(state: EnvironmentState, operation: Operation, { now, pausedUntil }: ScalingContext): Refusal {
  const { id, connection } = state.environment;
  const nextAt = nextAttemptAt({ state, pausedUntil: pausedUntil(connection) }, operation) ?? now;
  return new Refusal('scaling_unknown', {
    message: `How many workers are needed is not known: ${operation} was not read, or not wholly, or too long ago.`,
    remedy: `Keep the number of workers. GET /api/v1/environments/${id} says why.`,
    headers: { 'retry-after': Math.min(MOST_RETRY_SECONDS, Math.max(1, Math.ceil((nextAt - now) / 1000))) },
  });
}

/** The reads that were not tried yet, as `/-/ready` names them. */
export function untriedReads(states: readonly EnvironmentState[]): readonly string[] {
  return states.flatMap(({ environment, operations }) =>
    OPERATIONS.filter((name) => operations[name].attempted && operations[name].lastAttemptAt === null).map(
      (name) => `${environment.id} ${name}`,
    ),
  );
}
