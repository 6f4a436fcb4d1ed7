import type { EpochMs } from '../base/clock.ts';
import type { Severity } from '../domain/environment.ts';
import type { ConnectionFacts, EnvironmentFacts } from './facts.ts';
import type { History } from './history.ts';

/** What a look says of one condition. `unknown`: it neither begins nor ends now. `off`: nobody wants to know. */
export type Verdict = Finding | 'no' | 'unknown' | 'off';

export interface Finding {
  /** The numbers that it was judged by, in words. */
  readonly evidence: string;
  /** Of a condition of a connection: the environments that it hides. */
  readonly members?: readonly string[];
  /** It hides its members until it is certain, and is not told before. */
  readonly isDoubtful?: boolean;
}

/** All that a condition is judged by. */
export interface View<Facts> {
  readonly now: Facts;
  readonly past: History;
  readonly severity: Severity;
  /** It was found at the look before. */
  readonly was: boolean;
  /** It was told, and its end has not been yet. */
  readonly isTold: boolean;
  /** The environments of a connection. */
  readonly members: readonly Member[];
}

export type EnvironmentView = View<EnvironmentFacts>;
export type ConnectionView = View<ConnectionFacts>;

/** What a condition of the connection asks about one of an environment. */
interface Followed {
  readonly state: { readonly sinceMs: EpochMs };
  readonly isTold: boolean;
  readonly hiddenBy: string | null;
}

/** An environment, as a condition of its connection sees it. */
export interface Member {
  readonly id: string;
  /** Null: it has left, or discovery has not found it yet, and what was said of it goes on for a while. */
  readonly now: EnvironmentFacts | null;
  readonly past: History;
  /** What says that it cannot be read, and what that its fleet fails; null: nothing. */
  readonly reads: Followed | null;
  readonly fleet: Followed | null;
}

export const found = (evidence: string, members: readonly string[] = []): Finding => ({ evidence, members });

/** `7 items`, `1 item` */
export const items = (count: number): string => (count === 1 ? '1 item' : `${count} items`);

/** `40 s`, `12 min`, `3 h` */
export function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
