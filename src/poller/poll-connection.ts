import type { WorkApi } from '../client/work-api.ts';
import type { Environment, Operation } from '../domain/environment.ts';

/** What the poller needs of a connection's budget. */
export interface TokenSource {
  /** Takes one request's token if there is one now and nobody waits for it. */
  tryTake(): boolean;
  /** Milliseconds until a token may be there; 0 when there is one. */
  timeUntilNextMs(): number;
  /** Milliseconds until its bucket is full and nobody waits: until a request takes nothing from anybody. */
  timeUntilFullMs(): number;
  /** Requests a minute as configured: a pause after a 429 is no reason to stretch the schedule. */
  readonly configuredPerMinute: number;
}

/** One connection as the poller uses it. */
export interface PollConnection {
  readonly name: string;
  readonly api: WorkApi;
  readonly budget: TokenSource;
  readonly maxConcurrent: number;
  /** Items a list page, and what to ask for when that is refused. */
  readonly pageSize: number;
  readonly fallbackPageSize: number;
  readonly startedAtIsEnqueueStamp: boolean;
  readonly idsRotate: boolean;
  /** API clock − own clock in milliseconds, 0 while unknown. */
  skewMs(): number;
  /** The same, or what a single answer says that is too little to correct by: better than nothing for a beginning. */
  likelySkewMs(): number;
}

/** An environment to poll and the operations for which it has a credential. */
export interface PollTarget {
  readonly environment: Environment;
  readonly attempted: Readonly<Record<Operation, boolean>>;
}
