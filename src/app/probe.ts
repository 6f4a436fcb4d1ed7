import type { Clock } from '../base/clock.ts';
import type { Exposition } from '../metrics/exposition.ts';
import type { Format } from '../metrics/format.ts';
import type { Poller } from '../poller/poller.ts';
import type { ProbePort } from '../server/server-deps.ts';
import type { EnvironmentState, StateStore } from '../state/environment-state.ts';

export interface ProbeDeps {
  readonly states: StateStore;
  readonly clock: Pick<Clock, 'now'>;
  readonly poller: Pick<Poller, 'readEarly'>;
  readonly exposition: Pick<Exposition, 'renderProbe'>;
}

/** `/probe` over the stages: numbers younger than the interval are current; older ones are read again. */
export function createProbe({ states, clock, poller, exposition }: ProbeDeps): ProbePort<Format> {
  return {
    async read(environmentId) {
      if (isCurrent(states.get(environmentId), clock.now())) return 'ok';
      const result = await poller.readEarly(environmentId);
      if (result === 'over_budget') return 'over_budget';
      return isCurrent(states.get(environmentId), clock.now()) ? 'ok' : 'failed';
    },

    render: (environmentId, result, format) => exposition.renderProbe(environmentId, result, format),
  };
}

function isCurrent(state: EnvironmentState | undefined, now: number): boolean {
  if (state === undefined) return false;
  const { failure, lastSuccessAt } = state.operations.stats;
  if (failure !== null || lastSuccessAt === null) return false;
  // In either direction: after the clock was set back, nothing counts as current.
  return Math.abs(now - lastSuccessAt) < state.environment.poll.statsIntervalMs;
}
