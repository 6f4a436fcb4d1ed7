import type { EpochMs } from '../base/clock.ts';
import type { Operation } from '../domain/environment.ts';
import type { EnvironmentState } from './environment-state.ts';

/** The connection of the environment is paused until this time; null: it is not paused any more. */
export function connectionPaused(state: EnvironmentState, until: EpochMs | null): EnvironmentState {
  return { ...state, pausedUntil: until };
}

/** When an operation is tried next, which is never while its connection is paused. */
export function nextAttemptAt({ operations, pausedUntil = null }: EnvironmentState, operation: Operation) {
  const planned = operations[operation].nextAttemptAt;
  return planned === null || pausedUntil === null ? planned : Math.max(planned, pausedUntil);
}

/** Until when an operation is held back, by its own failures or by a pause of its connection; null when it is not. */
export function heldBackUntil({ operations, pausedUntil = null }: EnvironmentState, operation: Operation) {
  const { backoffUntil } = operations[operation];
  return backoffUntil === null || pausedUntil === null
    ? (backoffUntil ?? pausedUntil)
    : Math.max(backoffUntil, pausedUntil);
}
