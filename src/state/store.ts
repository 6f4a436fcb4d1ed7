import type { EnvironmentState, StateStore } from './environment-state.ts';

/** The only mutable thing about state: the present value of each watched environment. */
export class MemoryStateStore implements StateStore {
  #states = new Map<string, EnvironmentState>();

  get(environmentId: string): EnvironmentState | undefined {
    return this.#states.get(environmentId);
  }

  all(): readonly EnvironmentState[] {
    return [...this.#states.values()];
  }

  update(environmentId: string, change: (state: EnvironmentState) => EnvironmentState): void {
    const state = this.#states.get(environmentId);
    // A read may end after its environment was removed: its result is dropped.
    if (state !== undefined) this.#states.set(environmentId, change(state));
  }

  /** From now on exactly these environments are watched, in this order; all others are forgotten. */
  replaceAll(states: readonly EnvironmentState[]): void {
    this.#states = new Map(states.map((state) => [state.environment.id, state]));
  }
}
