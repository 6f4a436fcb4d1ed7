import type { EpochMs } from '../base/clock.ts';
import { OPERATIONS } from '../domain/environment.ts';
import type { EnvironmentState } from '../state/environment-state.ts';
import type { ConnectionProblem } from './http/server-deps.ts';

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

export interface Readiness {
  readonly ready: boolean;
  /** What was not tried yet: `env_1 list`, `discovery default`; `shutdown` while the process shuts down. */
  readonly waiting_for: readonly string[];
  /** Why environments cannot be known, and what to do; omitted if there is no such problem. */
  readonly problems?: readonly string[];
}

/** Ready means that every environment was tried, not that the API answered: docs/reference.md#http. */
export function readiness(facts: HealthFacts): Readiness {
  const problems = (facts.discoveryProblems ?? []).map(({ text, remedy }) => `${text}. ${remedy}`);
  return { ...firstReads(facts), ...(problems.length > 0 && { problems }) };
}

function firstReads(facts: HealthFacts): Readiness {
  if (facts.stopping) return { ready: false, waiting_for: ['shutdown'] };
  // In either direction: setting the clock back during the start must not keep its metrics unreachable.
  if (Math.abs(facts.now - facts.startedAt) >= READY_AFTER_MS) return { ready: true, waiting_for: [] };
  const waiting = [
    ...facts.pendingDiscovery.map((connection) => `discovery ${connection}`),
    // It is still unknown which environments there are.
    ...(facts.states.length > 0 ? [] : (facts.discoveryProblems ?? [])).map(
      ({ connection }) => `discovery ${connection}`,
    ),
    ...facts.states.flatMap(untriedOperations),
  ];
  return { ready: waiting.length === 0, waiting_for: waiting };
}

function untriedOperations({ environment, operations }: EnvironmentState): string[] {
  return OPERATIONS.filter((name) => operations[name].attempted && operations[name].lastAttemptAt === null).map(
    (name) => `${environment.id} ${name}`,
  );
}
