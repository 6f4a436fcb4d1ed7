import type { SessionSettings } from '../domain/environment.ts';
import type { LongRun } from '../state/long-runs.ts';
import type { SessionMemory } from './session-memory.ts';

/** A session to read. */
export interface SessionTarget extends LongRun {
  readonly environmentId: string;
}

/** An environment with the long runs that its list shows. */
export interface EnvironmentRuns {
  readonly environmentId: string;
  readonly settings: SessionSettings;
  readonly runs: ReadonlyMap<string, LongRun>;
}

/**
 * The sessions that may be read now, the least recently read first: each at most once per interval, and at most
 * `maxItems` of an environment within one. `now` is monotonic.
 */
export function dueSessions(
  environments: readonly EnvironmentRuns[],
  memory: SessionMemory,
  now: number,
): readonly SessionTarget[] {
  const due = environments.flatMap((environment) => dueOf(environment, memory, now));
  return due.toSorted((one, other) => compare(one.at, other.at)).map(({ target }) => target);
}

function dueOf({ environmentId, settings, runs }: EnvironmentRuns, memory: SessionMemory, now: number) {
  if (
    runs.size === 0 ||
    !settings.enabled ||
    memory.serviceLacksSessions(now) ||
    memory.pausedUntil(environmentId) > now
  )
    return [];
  const since = now - settings.intervalMs;
  const left = settings.maxItems - memory.triedSince(environmentId, since);
  const due = [...runs.values()].flatMap((run) => {
    const { at, pausedUntil } = memory.attempt(environmentId, run.sessionId);
    return at > since || pausedUntil > now ? [] : [{ at, target: { environmentId, ...run } }];
  });
  return due.toSorted((one, other) => compare(one.at, other.at)).slice(0, Math.max(0, left));
}

/** Compares without a difference, because `-Infinity`, for never, minus itself is NaN. */
function compare(one: number, other: number): number {
  return one < other ? -1 : Number(one > other);
}
