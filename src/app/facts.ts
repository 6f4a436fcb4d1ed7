import type { Clock, EpochMs } from '../base/clock.ts';
import type {
  ConnectionFacts,
  EnvironmentFacts,
  ItemFacts,
  QueueFacts,
  ReadFacts,
  TotalFacts,
} from '../diagnosis/facts.ts';
import type { DiscoveryOutcome } from '../discovery/discovery.ts';
import { configuredIntervalMs, type Operation } from '../domain/environment.ts';
import type { FailureReason } from '../domain/failure.ts';
import { isRunning, queueAgeMs } from '../domain/work.ts';
import type { LifecycleTotals } from '../lifecycle/ledger.ts';
import { totalsOf } from '../state/changes.ts';
import type { EnvironmentState, ItemsSnapshot, ObservedItem } from '../state/environment-state.ts';
import { areSessionsKnown, readingOf, sessionSince } from '../state/sessions.ts';
import { inStateSince, isStale, isWithinStaleAfter } from '../state/staleness.ts';
import type { Connections } from './connections.ts';
import { keyExpiries, type Watching } from './fleet.ts';

/** The clocks at one look. */
export interface Moment {
  /** The own wall clock, as stamps of states have it. */
  readonly now: EpochMs;
  readonly monotonic: number;
  /** API clock − own clock of the environment's connection, ms; 0 while unknown. */
  readonly skewMs: number;
  /** Whether that connection is paused after a 429. */
  readonly isPaused: boolean;
}

/**
 * A single hung heartbeat of a Go worker makes a gap of 151 s. Where heartbeats are stale sooner than usual, leases are
 * shorter, too.
 */
const HUNG_MS = 168_000;
const HUNG_PER_STALE = 1.4;

const CONCERNS_ENVIRONMENT: ReadonlySet<FailureReason> = new Set([
  'unauthorized',
  'forbidden',
  'not_found',
  'not_self_hosted',
]);

/** One look at every environment. */
export function observeEnvironments(
  states: readonly EnvironmentState[],
  clock: Clock,
  connections: Pick<Connections, 'correctionMs' | 'pausedUntil'>,
): readonly EnvironmentFacts[] {
  const at = { now: clock.now(), monotonic: clock.monotonic() };
  return states.map((state) => {
    const { connection } = state.environment;
    const isPaused = connections.pausedUntil(connection) !== null;
    return observeEnvironment(state, { ...at, skewMs: connections.correctionMs(connection), isPaused });
  });
}

/** What one look at an environment shows. As on /metrics, what is too old to be shown is not known any more. */
export function observeEnvironment(state: EnvironmentState, moment: Moment): EnvironmentFacts {
  const { environment, archivedAt } = state;
  const totals = totalsOf(state);
  const { id, name, connection, thresholds } = environment;
  const list = isWithinStaleAfter(state, 'list', moment.now) ? state.items : null;
  const isTruncated = list?.lastFullRead?.truncated === true;
  return {
    id,
    name,
    connection,
    limits: thresholds,
    isArchived: archivedAt !== null,
    queue: queueFacts(state, moment),
    items: list === null || isTruncated || list.lastFullRead === null ? null : itemFacts(list, state, moment),
    totals: totals === null ? null : totalFacts(totals),
    stats: readFacts(state, 'stats', moment),
    list: readFacts(state, 'list', moment),
    isTruncated,
  };
}

function queueFacts(state: EnvironmentState, { now, skewMs }: Moment): QueueFacts | null {
  const { queue } = state;
  if (queue === null || !isWithinStaleAfter(state, 'stats', now)) return null;
  const { depth, pending, oldestQueuedAt, workersPolling } = queue.stats;
  const waiting = depth + pending;
  const ageMs = queueAgeMs(queue.stats, now + skewMs);
  return {
    waiting,
    pending,
    ageSeconds: ageMs === null ? null : ageMs / 1000,
    head: waiting === 0 ? null : oldestQueuedAt,
    polling: workersPolling,
  };
}

/** Everything is judged at the read that showed it: a list that is not read must not age items. */
function itemFacts(list: ItemsSnapshot, state: EnvironmentState, moment: Moment): ItemFacts {
  const { thresholds } = state.environment;
  const hungMs = Math.min(HUNG_MS, HUNG_PER_STALE * 1000 * thresholds.staleHeartbeatSeconds);
  const counts = { alive: 0, stale: 0, silent: 0, frozen: 0, redelivered: 0 };
  const oldest: Partial<Record<ObservedItem['item']['state'], number>> = {};
  for (const observed of list.live) {
    const { item, deliveries } = observed;
    const at = observed.observedAt;
    const since = inStateSince(observed);
    if (since !== null) oldest[item.state] = Math.max(oldest[item.state] ?? 0, (at - since) / 1000);
    if (deliveries - 1 >= thresholds.redeliveries) counts.redelivered++;
    if (!isRunning(item.state)) continue;
    if (!isStale(observed, thresholds)) {
      counts.alive++;
    } else if (item.state === 'starting') {
      counts.frozen++;
    } else if (item.state === 'active') {
      counts.stale++;
      if (at - (item.latestHeartbeatAt ?? item.acknowledgedAt ?? at) >= hungMs) counts.silent++;
    }
  }
  return {
    ...counts,
    queuedSeconds: oldest.queued ?? null,
    startingSeconds: oldest.starting ?? null,
    activeSeconds: oldest.active ?? null,
    ...sessionFacts(list, state, moment),
  };
}

function sessionFacts({ live }: ItemsSnapshot, state: EnvironmentState, { now, skewMs }: Moment) {
  const readings = areSessionsKnown(state, now) ? live.flatMap((item) => readingOf(state.sessions, item) ?? []) : [];
  const longest = (chosen: typeof readings) => {
    const seconds = chosen.map((reading) => {
      const since = sessionSince(reading);
      // It was so when it was read.
      return Math.max(0, since === null ? now - reading.readAt : now + skewMs - since) / 1000;
    });
    return seconds.length === 0 ? null : Math.max(...seconds);
  };
  const ended = readings.filter(({ facts }) => facts.status === 'terminated');
  return {
    sessionWaitSeconds: longest(readings.filter(({ idle }) => idle?.reason === 'requires_action')),
    endedSessions: ended.length,
    endedSessionSeconds: longest(ended),
  };
}

function totalFacts(totals: LifecycleTotals): TotalFacts {
  const { acknowledged, stopped, lost, begun, losses, sessionRuns, shortSessionRuns } = totals;
  return {
    acknowledged,
    stopped,
    lost,
    begun,
    lostInARow: losses.lost.length,
    runs: sessionRuns,
    shortRuns: shortSessionRuns,
  };
}

function readFacts(state: EnvironmentState, operation: Operation, { monotonic, isPaused }: Moment): ReadFacts {
  const { operations, environment } = state;
  const { attempted, unreadSince, lastSuccessAt, scheduledIntervalMs, failure } = operations[operation];
  const reason = failure?.reason ?? null;
  return {
    isAttempted: attempted,
    unreadSeconds: (monotonic - unreadSince) / 1000,
    hasSucceeded: lastSuccessAt !== null,
    intervalSeconds: scheduledIntervalMs / 1000,
    configuredIntervalSeconds: configuredIntervalMs(environment.poll, operation) / 1000,
    // A pause explains why nothing is read, but not what is wrong with a key or an environment.
    failure: !isPaused || (reason !== null && CONCERNS_ENVIRONMENT.has(reason)) ? reason : 'rate_limited',
  };
}

/** What one look at each connection in use shows. */
export function observeConnections(
  { connections, discovery, fleet: { fleet } }: Watching,
  now: EpochMs,
): readonly ConnectionFacts[] {
  const outcomes = new Map<string, DiscoveryOutcome>(discovery.outcomes().map((one) => [one.connection, one]));
  return connections.all().map(({ config, budget, api }) => {
    const { name } = config;
    const outcome = outcomes.get(name);
    return {
      name,
      isDiscovered: outcome === undefined ? null : outcome.failure === null,
      dropped: fleet.droppedOf.get(name) ?? 0,
      refusedKeys: api.place.keys.refused,
      expiries: keyExpiries(config, fleet).flatMap(({ key, at }) =>
        at === null ? [] : [{ key, seconds: (at - now) / 1000 }],
      ),
      requests: budget.taken,
      limitedRequests: budget.limited,
    };
  });
}
