import { seededRandom } from '../../src/base/random.ts';
import type { Environment, Operation } from '../../src/domain/environment.ts';
import { Poller } from '../../src/poller/poller.ts';
import type { PollConnection } from '../../src/poller/reads/poll-connection.ts';
import { endlessRooms, type Rooms } from '../../src/scan/memory/rooms.ts';
import type { EnvironmentState } from '../../src/state/environment-state.ts';
import { initialState } from '../../src/state/initial-state.ts';
import { MemoryStateStore } from '../../src/state/store.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { pollConnection } from '../support/poll-connection.ts';
import { ScriptedWorkApi } from '../support/scripted-work-api.ts';
import { SILENT_POLL_LOG } from '../support/silent-poll-log.ts';

export const BOTH = { stats: true, list: true };
export const STATS_ONLY = { stats: true, list: false };

/** A poller over an API that a test scripts, with as many tokens as the test gives it. */
export class PollerRig {
  readonly clock = new ManualClock();
  readonly states = new MemoryStateStore();
  readonly api = new ScriptedWorkApi();
  /** Each poll that ended, with the state before and after. */
  readonly reported: Array<[Operation, EnvironmentState | undefined, EnvironmentState | undefined]> = [];
  readonly poller = this.newPoller();
  tokens = Number.POSITIVE_INFINITY;

  constructor() {
    this.poller.start();
  }

  /** Another one over the same API and states, not started. */
  newPoller({ items, answers }: Partial<Rooms> = {}): Poller {
    return new Poller({
      rooms: { ...endlessRooms(), ...(items && { items }), ...(answers && { answers }) },
      states: this.states,
      clock: this.clock,
      random: seededRandom(1),
      log: {
        ...SILENT_POLL_LOG,
        pollEnded: (...args) => this.reported.push(args),
      },
    });
  }

  connection(change: Partial<PollConnection> = {}): PollConnection {
    const { budget } = pollConnection({ api: this.api });
    return pollConnection({
      api: this.api,
      budget: {
        ...budget,
        tryTake: () => this.tokens-- > 0,
        giveBack: () => this.tokens++,
        timeUntilNextMs: () => 1_000,
      },
      maxConcurrent: 32,
      pageSize: 1000,
      ...change,
    });
  }

  watch(environments: Environment[], attempted = BOTH, connections = [this.connection()]): void {
    const { states, clock, poller } = this;
    states.replaceAll(environments.map((env) => states.get(env.id) ?? initialState(env, attempted, clock)));
    poller.watch(
      connections,
      environments.map((env) => ({ environment: env, attempted })),
    );
  }
}
