import type { EpochMs } from '../base/clock.ts';
import type { Severity } from '../domain/environment.ts';
import type { FailureReason } from '../domain/failure.ts';
import type { ConnectionFacts, EnvironmentFacts } from './facts.ts';
import type { ConnectionHistory, EnvironmentHistory } from './history.ts';

/**
 * What a look says of one condition. `unknown`: nobody can tell now, so that it neither begins nor ends. `off`: an option
 * says that nobody wants to know.
 */
export type Verdict = Finding | 'no' | 'unknown' | 'off';

export interface Finding {
  /** The numbers that it was judged by, in words. */
  readonly evidence: string;
  /** Of a condition of a connection: the environments that it is about. */
  readonly members?: readonly string[];
  /** It hides its members until it is certain, and is not told before. */
  readonly isDoubtful?: boolean;
}

export const found = (evidence: string, members?: readonly string[]): Finding =>
  members === undefined ? { evidence } : { evidence, members };

/** All that a condition of an environment is judged by. */
export interface EnvironmentView {
  readonly now: EnvironmentFacts;
  readonly past: EnvironmentHistory;
  readonly severity: Severity;
  /** It was found at the look before. */
  readonly was: boolean;
  /** It was told, and its end has not been yet. */
  readonly isTold: boolean;
  /** Seconds since somebody was last told of it; Infinity if nobody was. */
  readonly goneSeconds: number;
}

/** All that a condition of a connection is judged by. */
export interface ConnectionView {
  readonly now: ConnectionFacts;
  readonly past: ConnectionHistory;
  readonly severity: Severity;
  readonly isTold: boolean;
  readonly members: readonly Member[];
}

/** An environment, as a condition of its connection sees it. */
export interface Member {
  readonly id: string;
  /** Null: it has left, or discovery has not found it yet, and what was said of it goes on for a while. */
  readonly now: EnvironmentFacts | null;
  readonly past: EnvironmentHistory;
  readonly failure: FailureReason | null;
  readonly isUnread: boolean;
  /** What says that it cannot be read, and what that its fleet fails; null: nothing. */
  readonly reads: Told | null;
  readonly fleet: Told | null;
}

/** What is said of an environment by itself. */
export interface Told {
  readonly state: { readonly sinceMs: EpochMs };
  readonly isTold: boolean;
  /** The name of the condition that explains it. */
  readonly hiddenBy: string | null;
}

/** `7 items`, `1 item` */
export const items = (count: number): string => (count === 1 ? '1 item' : `${count} items`);

/** `40 s`, `12 min`, `3 h` */
export function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
