import { seededRandom } from '../../src/base/random.ts';
import { Budget } from '../../src/client/budget.ts';
import type { Environment, Operation } from '../../src/domain/environment.ts';
import { Poller } from '../../src/poller/poller.ts';
import type { PollConnection } from '../../src/poller/reads.ts';
import { initialState } from '../../src/state/changes.ts';
import { type EnvironmentState, MemoryStateStore } from '../../src/state/environment-state.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { pollConnection } from '../support/poll-connection.ts';
import { ScriptedWorkApi } from '../support/scripted-work-api.ts';
import { SILENT_POLL_LOG } from '../support/silent-poll-log.ts';

export const BOTH = { stats: true, list: true };
export const STATS_ONLY = { stats: true, list: false };

/** A poller over an API that a test scripts and that takes no tokens. */
export class PollerRig {
  readonly clock = new ManualClock();
  readonly states = new MemoryStateStore();
  readonly api = new ScriptedWorkApi();
  /** Each poll that ended, with the state before and after. */
  readonly reported: Array<[Operation, EnvironmentState | undefined, EnvironmentState | undefined]> = [];
  readonly poller = this.newPoller();
  /** Nobody takes its tokens. */
  readonly budget = new Budget(240, { clock: this.clock, random: seededRandom(2) });

  constructor() {
    this.poller.start();
  }

  /** Another one over the same API and states, not started. */
  newPoller(): Poller {
    return new Poller({
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
    return pollConnection({
      api: this.api,
      budget: this.budget,
      maxConcurrent: 32,
      pageSize: 1000,
      ...change,
    });
  }

  watch(environments: Environment[], attempted = BOTH, connections = [this.connection()], retry = false): void {
    const { states, clock, poller } = this;
    states.replaceAll(environments.map((env) => states.get(env.id) ?? initialState(env, attempted, clock)));
    poller.watch(
      connections,
      environments.map((env) => ({ environment: env, attempted })),
      { retry },
    );
  }
}
