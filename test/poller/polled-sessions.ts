import { seededRandom } from '../../src/base/clock.ts';
import { Budget } from '../../src/client/budget.ts';
import type { CallOptions, PageRequest } from '../../src/client/work-api.ts';
import type { ApiOperation, Environment } from '../../src/domain/environment.ts';
import type { SessionFacts } from '../../src/domain/work.ts';
import { Poller } from '../../src/poller/poller.ts';
import type { PollConnection } from '../../src/poller/reads.ts';
import { initialState, reconfigured } from '../../src/state/changes.ts';
import { type EnvironmentState, MemoryStateStore } from '../../src/state/environment-state.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { pollConnection } from '../support/polled-fleet.ts';
import { RUNNING, ScriptedWorkApi } from '../support/scripted-work-api.ts';
import { SILENT_POLL_LOG } from '../support/silent.ts';
import { buildItem } from '../support/states.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const IDLE: SessionFacts = { ...RUNNING, status: 'idle' };

/** A session that was asked for: when, and what of it. */
interface Asked {
  readonly at: number;
  readonly environmentId: string;
  readonly sessionId: string;
  readonly what: 'status' | 'event';
}

/** States that count how often one was replaced. */
class CountedStates extends MemoryStateStore {
  updates = 0;

  override update(environmentId: string, change: (state: EnvironmentState) => EnvironmentState): void {
    this.updates++;
    super.update(environmentId, change);
  }
}

/** A service with sessions: it remembers who asked for which, and takes a token for each request. */
class Service extends ScriptedWorkApi {
  readonly asked: Asked[] = [];
  readonly budget: Budget;
  readonly clock: ManualClock;
  /** Those that read sessions. */
  keys: 'both' | 'second' | 'none' = 'both';

  constructor(clock: ManualClock, requestsPerMinute: number) {
    super();
    this.clock = clock;
    this.budget = new Budget(requestsPerMinute, { clock, random: seededRandom(1) });
  }

  override async session(environmentId: string, sessionId: string, options: CallOptions = {}) {
    await this.#take(options);
    this.asked.push({ at: this.clock.monotonic(), environmentId, sessionId, what: 'status' });
    return super.session(environmentId, sessionId, options);
  }

  override async lastIdleEvent(environmentId: string, sessionId: string, options: CallOptions = {}) {
    await this.#take(options);
    this.asked.push({ at: this.clock.monotonic(), environmentId, sessionId, what: 'event' });
    return super.lastIdleEvent(environmentId, sessionId, options);
  }

  override async stats(environmentId: string, options: CallOptions = {}) {
    await this.#take(options);
    return super.stats(environmentId, options);
  }

  override async listPage(environmentId: string, page: PageRequest, options: CallOptions = {}) {
    await this.#take(options);
    return super.listPage(environmentId, page, options);
  }

  async #take({ signal }: CallOptions): Promise<void> {
    if (!this.budget.tryTake()) await this.budget.take(signal);
  }

  override credentialFor(operation: ApiOperation) {
    if (operation !== 'session' || this.keys === 'both') return super.credentialFor(operation);
    return this.keys === 'none' ? null : ({ kind: 'environment_key', source: 'the test' } as const);
  }
}

/** A poller whose environments have long runs, on a clock of its own. */
export function pollSessions(requestsPerMinute = 240) {
  const clock = new ManualClock();
  const states = new CountedStates();
  /** When each session's run was acknowledged, by environment. */
  const runs = new Map<string, Map<string, number>>();
  const service = new Service(clock, requestsPerMinute);
  service.onListPage = (id) => ({
    nextPage: null,
    items: [...(runs.get(id) ?? [])].map(
      ([sessionId, acknowledgedAt]) =>
        buildItem(sessionId, {
          sessionId,
          state: 'active',
          createdAt: acknowledgedAt - 1000,
          acknowledgedAt,
          latestHeartbeatAt: clock.now(),
        }).item,
    ),
  });
  const poller = new Poller({ states, clock, random: seededRandom(1), log: SILENT_POLL_LOG });
  poller.start();

  const watch = (environments: readonly Environment[], change: Partial<PollConnection> = {}) => {
    const both = { stats: true, list: true };
    const stateOf = (env: Environment) => {
      const known = states.get(env.id);
      if (known === undefined) return initialState(env, both, clock);
      return reconfigured(known, { environment: env, attempted: both, monotonic: clock.monotonic() });
    };
    states.replaceAll(environments.map(stateOf));
    const connection = pollConnection({
      api: service,
      budget: service.budget,
      maxConcurrent: 32,
      pageSize: 1000,
      startedAtIsEnqueueStamp: false,
      ...change,
    });
    poller.watch(
      [connection],
      environments.map((env) => ({ environment: env, attempted: both })),
    );
  };

  /** This many sessions, acknowledged this long ago. */
  const sessions = (environmentId: string, count: number, agoMs = HOUR) => {
    const known = runs.get(environmentId) ?? new Map<string, number>();
    for (let i = 0; i < count; i++) known.set(`sesn_${environmentId}_${i}`, clock.now() - agoMs);
    runs.set(environmentId, known);
  };
  const sessionsOf = (id = 'env_1') => states.get(id)!.sessions!;
  const timesOf = (sessionId: string) =>
    service.asked.filter((asked) => asked.sessionId === sessionId && asked.what === 'status').map(({ at }) => at);
  return { clock, states, runs, service, poller, watch, sessions, sessionsOf, timesOf };
}
