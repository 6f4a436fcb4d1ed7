import type { EpochMs } from '../base/clock.ts';
import { type Operation, staleAfterInForceMs } from '../domain/environment.ts';
import type { EnvironmentState } from './environment-state.ts';

/** Whether what an operation read may still be shown: docs/design/freshness.md#stale_after. `now` is the own clock. */
export function isWithinStaleAfter(
  { environment, operations, queue, items }: EnvironmentState,
  operation: Operation,
  now: EpochMs,
): boolean {
  const readAt = (operation === 'stats' ? queue : items)?.observedAt;
  if (readAt === undefined) return false;
  // A clock that was set back makes the age unknown, not small: such a value is kept no longer than an old one.
  return Math.abs(now - readAt) <= staleAfterInForceMs(environment.poll, operations[operation].scheduledIntervalMs);
}
