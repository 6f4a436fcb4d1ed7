import type { Secret } from '../../base/secret.ts';
import type { WorkApi } from '../../client/work-api.ts';
import type { Environment, Operation } from '../../domain/environment.ts';
import type { TokenSource } from '../../domain/request-budget.ts';

/** A connection as the poller uses it. */
export interface PollConnection {
  readonly name: string;
  readonly api: WorkApi;
  /** Only compared; null or absent where there is none. */
  readonly apiKey?: Secret | null;
  readonly budget: TokenSource;
  readonly maxConcurrent: number;
  /** Items per list page, and what to ask for if that is rejected. */
  readonly pageSize: number;
  readonly fallbackPageSize: number;
  readonly startedAtIsEnqueueStamp: boolean;
  readonly idsRotate: boolean;
  /** API clock − own clock in milliseconds, 0 while unknown. */
  skewMs(): number;
  /** The same or, if unknown, what a single answer says: too uncertain to correct by, but enough to tell where history begins. */
  historySkewMs(): number;
  /** Whether an answer has told the API's clock since the own one was set, or within ten minutes; true if absent. */
  knowsClock?(): boolean;
}

/** Whether what one of them was refused, or does not have, says nothing of the other: another server, or another key. */
export function asksAnew(before: PollConnection, now: PollConnection): boolean {
  const [keyBefore, key] = [before.apiKey ?? null, now.apiKey ?? null];
  return before.api !== now.api || !(key === keyBefore || key?.equals(keyBefore));
}

/** An environment to poll and the operations for which it has a credential. */
export interface PollTarget {
  readonly environment: Environment;
  readonly attempted: Readonly<Record<Operation, boolean>>;
}
