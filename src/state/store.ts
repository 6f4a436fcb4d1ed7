import type { EnvironmentState, StateStore } from './environment-state.ts';

/** The only mutable thing about state: which value each watched environment has now. */
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
    // A read may end after its environment was removed: its result has no home any more.
    if (state !== undefined) this.#states.set(environmentId, change(state));
  }

  /** Watches exactly these environments from now on, in this order; what is left out is forgotten. */
  replaceAll(states: readonly EnvironmentState[]): void {
    this.#states = new Map(states.map((state) => [state.environment.id, state]));
  }
}
