import type { Severity } from '../domain/environment.ts';
import type { ConnectionFacts, EnvironmentFacts } from './facts.ts';
import type { ConnectionHistory, EnvironmentHistory } from './history.ts';
import type { Finding, Track } from './tracker.ts';

export const found = (evidence: string, members: readonly string[] = []): Finding => ({ evidence, members });

/** All that a condition of an environment is judged by. */
export interface EnvironmentView {
  readonly now: EnvironmentFacts;
  readonly past: EnvironmentHistory;
  readonly severity: Severity;
  /** It was found at the look before. */
  readonly was: boolean;
  /** It was told, and its end has not been yet. */
  readonly isTold: boolean;
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
  /** What says that it cannot be read, and what that its fleet fails; null: nothing. */
  readonly reads: Track | null;
  readonly fleet: Track | null;
}

/** `7 items`, `1 item` */
export const items = (count: number): string => (count === 1 ? '1 item' : `${count} items`);

/** `40 s`, `12 min`, `3 h` */
export function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
