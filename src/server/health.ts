import type { EpochMs } from '../base/clock.ts';
import { OPERATIONS } from '../domain/environment.ts';
import type { EnvironmentState } from '../state/environment-state.ts';
import type { ConnectionProblem } from './server-deps.ts';

/** After this long a process is ready, whatever was tried: a hanging API must not keep its metrics unreachable. */
const READY_AFTER_MS = 60_000;

export interface HealthFacts {
  readonly states: readonly EnvironmentState[];
  readonly now: EpochMs;
  readonly startedAt: EpochMs;
  readonly pendingDiscovery: readonly string[];
  /** Discoveries that failed or found nothing. */
  readonly discoveryProblems?: readonly ConnectionProblem[];
  readonly stopping: boolean;
}

/** Ready means that every environment was tried, not that the API answered: docs/reference.md#http. */
export function readiness({ states, discoveryProblems: failing = [], ...facts }: HealthFacts) {
  const problems = failing.map(({ text, remedy }) => `${text}. ${remedy}`);
  const told = problems.length > 0 ? { problems } : {};
  if (facts.stopping) return { ready: false, waiting_for: ['shutdown'], ...told };
  // In either direction: setting the clock back during the start must not keep its metrics unreachable.
  if (Math.abs(facts.now - facts.startedAt) >= READY_AFTER_MS) return { ready: true, waiting_for: [], ...told };
  // Without any environment it is still unknown which there are.
  const unfound = states.length > 0 ? [] : failing.map(({ connection }) => connection);
  const waiting = [
    ...[...facts.pendingDiscovery, ...unfound].map((connection) => `discovery ${connection}`),
    ...states.flatMap(({ environment, operations }) =>
      OPERATIONS.filter((name) => operations[name].attempted && operations[name].lastAttemptAt === null).map(
        (name) => `${environment.id} ${name}`,
      ),
    ),
  ];
  return { ready: waiting.length === 0, waiting_for: waiting, ...told };
}
