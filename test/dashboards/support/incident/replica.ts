import { observeEnvironment } from '../../../../src/app/environment-facts.ts';
import type { EpochMs } from '../../../../src/base/clock.ts';
import { Diagnosis } from '../../../../src/diagnosis/diagnosis.ts';
import { type Condition, troubles } from '../../../../src/diagnosis/report.ts';
import type { Operation } from '../../../../src/domain/environment.ts';
import type { WorkItem } from '../../../../src/domain/work.ts';
import { createExposition, type Exposition } from '../../../../src/metrics/exposition.ts';
import { SelfMetrics } from '../../../../src/metrics/self-metrics.ts';
import type { SessionReading, SessionsState } from '../../../../src/state/environment-state.ts';
import {
  type EnvironmentState,
  MemoryStateStore,
  type ObservedItem,
  type OperationState,
} from '../../../../src/state/environment-state.ts';
import { NO_SESSIONS } from '../../../../src/state/sessions.ts';
import { buildItems, buildOperation, failingOperation } from '../../../support/states.ts';
import type { QueueModel } from './queue-model.ts';
import { type Act, discoveryFails, type Member, rescans } from './timetable.ts';

/** How far the API's clock is ahead, by connection: less than makes an alert, and more than a heartbeat is old. */
export const SKEW_MS: Readonly<Record<string, number>> = { default: 120, eu: 20_000 };

interface Watched {
  readonly member: Member;
  readonly model: QueueModel;
  state: EnvironmentState | null;
}

export interface ReplicaOptions {
  readonly instance: string;
  /** How long before each scrape this replica read the API, ms: replicas are never in step. */
  readonly readLagMs: number;
  readonly startedAt: EpochMs;
}

/** One exporter process: it turns the models into states and writes them with the project's own measures and encoder. */
export class Replica {
  readonly options: ReplicaOptions;
  readonly #watched: Watched[];
  readonly #self: SelfMetrics;
  readonly #exposition: Exposition;
  readonly #store = new MemoryStateStore();
  readonly #diagnosis = new Diagnosis();
  #now: EpochMs;

  constructor(options: ReplicaOptions, fleet: readonly { readonly member: Member; readonly model: QueueModel }[]) {
    this.options = options;
    this.#now = options.startedAt;
    this.#watched = fleet.map((one) => ({ ...one, state: null }));
    this.#self = new SelfMetrics({
      build: { version: '0.1.0', revision: '0000000', nodeVersion: 'v26.10.0' },
      shard: '0/1',
      processMetrics: false,
    });
    const connections = new Set(fleet.map(({ member }) => member.environment.connection));
    for (const connection of connections) {
      this.#self.budgetLimit(connection, 240);
      this.#self.credentialRejected(connection, 'api_key', false);
      this.#self.credentialExpires(connection, 'api_key', options.startedAt + 90 * 86_400_000);
    }
    for (const { member } of this.#watched.filter(({ member: { list } }) => list)) {
      const { connection, id } = member.environment;
      this.#self.credentialRejected(connection, id, false);
    }
    this.#self.discoveryStarted('default');
    if (options.readLagMs === 4000) this.#self.stateFile(true);
    this.#self.environments({ watched: fleet.length, dropped: 0, archived: 0 });
    this.reload(options.startedAt, 4_503_599_627_370_495);
    this.#exposition = createExposition({
      states: this.#store,
      conditions: () => this.#diagnosis.report,
      self: this.#self,
      clock: { now: () => this.#now },
      skewMs: (connection) => SKEW_MS[connection] ?? 0,
    });
  }

  reload(at: EpochMs, hash: number): void {
    this.#self.configReloaded({ ok: true, hash, at });
  }

  /** Reads the API shortly before `now`, as far as the act lets it. */
  poll(now: EpochMs, actFor: (member: Member) => Act): void {
    this.#now = now;
    const readAt = now - this.options.readLagMs;
    for (const watched of this.#watched) {
      const act = actFor(watched.member);
      watched.state = act.apiDown ? failed(watched, readAt) : good(watched, readAt, act);
      this.#report(watched.member, act);
    }
    if (Math.round(now / 1000) % 300 < 30) this.#self.discoveryEnded('default', !discoveryFails(now), readAt);
    if (rescans(now)) {
      this.#self.unknownValue('field');
      this.#self.negativeDurationsClamped();
    }
    for (const connection of ['default', 'eu']) this.#self.clockSkew(connection, SKEW_MS[connection]!);
    this.#store.replaceAll(this.#watched.map(({ state }) => state!));
    this.#judge(now);
  }

  /** What holds now. */
  get conditions(): readonly Condition[] {
    return troubles(this.#diagnosis.report).filter(({ value }) => value === 1);
  }

  async write(): Promise<string> {
    return Buffer.concat(await this.#exposition.render('openmetrics')).toString();
  }

  #judge(now: EpochMs): void {
    const facts = this.#store.all().map((state) => {
      return observeEnvironment(state, { now, monotonic: now, skewMs: SKEW_MS[state.environment.connection] ?? 0 });
    });
    const connections = Object.keys(SKEW_MS).map((name) => ({
      name,
      isDiscovered: name === 'default' ? !discoveryFails(now) : null,
      dropped: 0,
      refusedKeys: [],
      expiries: [],
      requests: 0,
      limitedRequests: 0,
    }));
    this.#diagnosis.look(now, facts, connections);
  }

  #report({ environment, list }: Member, { apiDown }: Act): void {
    const operations = ['stats', 'stats', ...(list ? ['list' as const] : [])] as const;
    for (const operation of operations)
      this.#self.requestEnded({
        connection: environment.connection,
        operation,
        durationSeconds: apiDown ? 10 : operation === 'list' ? 0.31 : 0.12,
      });
  }
}

function operation(previous: OperationState | undefined, readAt: EpochMs, attempted: boolean): OperationState {
  return buildOperation({
    attempted,
    lastAttemptAt: readAt,
    lastSuccessAt: readAt,
    unreadSince: readAt,
    scheduledIntervalMs: 15_000,
    requests: (previous?.requests ?? 0) + 2,
    failuresByReason: previous?.failuresByReason ?? buildOperation().failuresByReason,
  });
}

function failedOperation(previous: OperationState, readAt: EpochMs): OperationState {
  const { server_error } = previous.failuresByReason;
  return {
    ...previous,
    failure: failingOperation('server_error').failure,
    lastAttemptAt: readAt,
    lastDurationSeconds: 10,
    consecutiveFailures: previous.consecutiveFailures + 1,
    backoffUntil: readAt + 60_000,
    requests: previous.requests + 1,
    failuresByReason: { ...previous.failuresByReason, server_error: server_error + 1 },
  };
}

function good({ member, model, state }: Watched, readAt: EpochMs, act: Act): EnvironmentState {
  const previous = (name: Operation) => state?.operations[name];
  const waiting = model.live.filter(({ item }) => item.state === 'queued');
  const skewMs = SKEW_MS[member.environment.connection] ?? 0;
  const oldest = Math.min(...waiting.map(({ queuedSince }) => queuedSince)) + skewMs;
  const live = model.live.map(({ item, queuedSince }) => ({
    item: stampedBy(item, skewMs),
    queuedSince: queuedSince + skewMs,
    observedAt: readAt,
  }));
  const pending = waiting.length > 1 && act.workersAlive && readAt % 120_000 < 20_000 ? 1 : 0;
  return {
    environment: member.environment,
    watchedSince: state?.watchedSince ?? readAt,
    operations: {
      stats: operation(previous('stats'), readAt, true),
      list: { ...operation(previous('list'), readAt, member.list), scheduledIntervalMs: 30_000 },
    },
    queue: {
      observedAt: readAt,
      stats: {
        depth: waiting.length - pending,
        pending,
        oldestQueuedAt: waiting.length === 0 ? null : oldest,
        workersPolling: model.polling(act),
      },
    },
    items: member.list
      ? buildItems(live, {
          observedAt: readAt,
          lastFullRead: { at: readAt, pages: 1, items: live.length + 140, truncated: act.listCut },
        })
      : null,
    sessions: member.list ? sessionsOf(live, readAt) : NO_SESSIONS,
    lifecycle: member.list ? model.totals : null,
    recentPolls: [],
    recentFailures: [],
  };
}

/** The item with the stamps of an API whose clock is ahead. */
function stampedBy(item: WorkItem, skewMs: number): WorkItem {
  const by = <T extends number | null>(stamp: T) => (stamp === null ? stamp : stamp + skewMs) as T;
  return {
    ...item,
    createdAt: by(item.createdAt),
    acknowledgedAt: by(item.acknowledgedAt),
    startedAt: by(item.startedAt),
    latestHeartbeatAt: by(item.latestHeartbeatAt),
    stopRequestedAt: by(item.stopRequestedAt),
  };
}

/** Every item runs a session; one that has run for a minute waits for an approval since then. */
function sessionsOf(live: readonly ObservedItem[], readAt: EpochMs): SessionsState {
  const running = live.flatMap(({ item }) =>
    item.acknowledgedAt === null || item.sessionId === null ? [] : [{ ...item, since: item.acknowledgedAt }],
  );
  const readings = running.map(({ sessionId, since }): [string, SessionReading] => {
    const waits = readAt - since > 60_000;
    const facts = { status: waits ? 'idle' : 'running', updatedAt: null } as const;
    const idle = waits ? ({ reason: 'requires_action', processedAt: since + 60_000 } as const) : null;
    return [sessionId!, { acknowledgedAt: since, readAt, facts, idle }];
  });
  return {
    ...NO_SESSIONS,
    attempted: true,
    longRuns: readings.length,
    readings: new Map(readings),
    lastReadAt: readAt,
  };
}

/** The last good answers stay in the state; how long they are shown is the exporter's business. */
function failed({ state }: Watched, readAt: EpochMs): EnvironmentState {
  if (state === null) throw new Error('the script lets the API fail before the first read');
  const { stats, list } = state.operations;
  return {
    ...state,
    operations: {
      stats: failedOperation(stats, readAt),
      list: list.attempted ? failedOperation(list, readAt) : list,
    },
  };
}
