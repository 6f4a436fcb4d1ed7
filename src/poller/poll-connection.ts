import type { Secret } from '../base/secret.ts';
import type { Budget } from '../client/budget.ts';
import type { WorkApi } from '../client/work-api.ts';
import type { Environment, Operation } from '../domain/environment.ts';

/** A connection as the poller uses it. */
export interface PollConnection {
  readonly name: string;
  readonly api: WorkApi;
  /** Only compared with that of another connection; null or absent if there is none. */
  readonly apiKey?: Secret | null;
  readonly budget: Budget;
  /** How many slots it has. */
  readonly maxConcurrent: number;
  /** Items per list page, and what to ask for if that is rejected. */
  readonly pageSize: number;
  readonly fallbackPageSize: number;
  /** Whether `started_at` is the time of queueing. */
  readonly startedAtIsEnqueueStamp: boolean;
  /** Whether an item that is handed out again gets a new id. */
  readonly idsRotate: boolean;
  /** API clock − own clock in milliseconds, 0 while unknown. */
  skewMs(): number;
}

/** Whether the API may answer differently from now on, because another server is asked or another key is used. */
export function mayAnswerDifferently(before: PollConnection, now: PollConnection): boolean {
  const [keyBefore, key] = [before.apiKey ?? null, now.apiKey ?? null];
  return before.api !== now.api || !(key === keyBefore || key?.equals(keyBefore));
}

/** An environment to poll, and for which operations it has a credential. */
export interface PollTarget {
  readonly environment: Environment;
  readonly attempted: Readonly<Record<Operation, boolean>>;
}
