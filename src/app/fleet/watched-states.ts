import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { FleetMember } from '../../discovery/fleet.ts';
import { type Environment, OPERATIONS, type Operation } from '../../domain/environment.ts';
import type { Ledger } from '../../lifecycle/ledger.ts';
import type { PollTarget } from '../../poller/reads/poll-connection.ts';
import type { EnvironmentState } from '../../state/environment-state.ts';
import { initialState, reconfigured, withArchivedAt } from '../../state/initial-state.ts';
import { withConfigType } from '../../state/self-hosted.ts';
import type { MemoryStateStore } from '../../state/store.ts';
import type { Connections } from '../connections/connections.ts';
import { type DiscoveryFacts, logNotSelfHosted } from './discovery-facts.ts';

export interface WatchedStatesDeps {
  readonly connections: Connections;
  readonly states: MemoryStateStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Takes over what an earlier process had counted for an environment that begins to be watched. */
  resumeLedger(environmentId: string): Ledger | undefined;
}

/** Creates, keeps and drops states as environments come, stay and go. */
export class WatchedStates {
  readonly #deps: WatchedStatesDeps;

  constructor(deps: WatchedStatesDeps) {
    this.#deps = deps;
  }

  /** Replaces the watched members. Returns the operations to read for each. */
  update(
    members: readonly FleetMember[],
    factsOf: (environment: Environment) => DiscoveryFacts,
  ): readonly PollTarget[] {
    const { states, logger } = this.#deps;
    const targets = members.map(({ environment }) => this.#target(environment));
    states.replaceAll(
      targets.map((target) => {
        const state = this.#stateOf(target);
        const { configType, archivedAt } = factsOf(target.environment);
        const typed = withConfigType(state, configType);
        logNotSelfHosted(logger, state, typed);
        return withArchivedAt(typed, archivedAt);
      }),
    );
    return targets;
  }

  /** An operation is attempted when there is a credential for it. */
  #target(environment: Environment): PollTarget {
    const api = this.#deps.connections.get(environment.connection)?.api;
    const readable = (operation: Operation) => (api?.credentialFor(operation, environment.id) ?? null) !== null;
    const attempted = { stats: readable('stats'), list: readable('list') };
    return { environment, attempted };
  }

  #stateOf({ environment, attempted }: PollTarget): EnvironmentState {
    const { states, clock } = this.#deps;
    const known = states.get(environment.id);
    if (known === undefined) {
      const fresh = initialState(environment, attempted, clock);
      return attempted.list ? this.#withList(fresh) : fresh;
    }
    const same =
      known.environment === environment &&
      OPERATIONS.every((operation) => known.operations[operation].attempted === attempted[operation]);
    if (same) return known;
    const changed = reconfigured(known, { environment, attempted, monotonic: clock.monotonic() });
    const listBegins = attempted.list && !known.operations.list.attempted && known.ledger === undefined;
    // What happened before the list had a key is history.
    return listBegins ? this.#withList(changed) : changed;
  }

  #withList(state: EnvironmentState): EnvironmentState {
    const { clock, resumeLedger } = this.#deps;
    return withLedger({ ...state, listedSince: clock.monotonic() }, resumeLedger(state.environment.id));
  }
}

/** Counters continue at their value from the first scrape. */
function withLedger(state: EnvironmentState, ledger: Ledger | undefined): EnvironmentState {
  return ledger === undefined ? state : { ...state, ledger, lifecycle: ledger.totals };
}
