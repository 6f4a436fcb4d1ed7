import type { ConditionName } from '../../../src/diagnosis/conditions.ts';

/** A fleet that does its work, and what it gets to do. */
export interface Healthy {
  readonly workers: number;
  /** Seconds. */
  readonly run: readonly [number, number];
  readonly boot: readonly [number, number];
  readonly perMinute: number;
}

type Tree = Readonly<Record<string, unknown>>;

/** What goes wrong for a while, as parts of a scenario, and who must be told. */
export interface Trouble {
  /** Entries of `troubles`, without times: those of the world. */
  readonly troubles?: (healthy: Healthy) => readonly Tree[];
  /** From the beginning to the end of the world: of the environments in which it happens, and of the scenario. */
  readonly environment?: (healthy: Healthy, begins: number) => Tree;
  readonly scenario?: Tree;
  /** How many times as much work its sessions are; 1 by default. */
  readonly work?: number;
  /** It has no time of its own, and is there from the beginning. */
  readonly always?: true;
  /** How long it lasts; left to chance when left out. */
  readonly minutes?: number;
  /** Pages of which exactly one must come; null: none must. */
  readonly page: readonly ConditionName[] | null;
  /** Pages that may come instead of none. */
  readonly mayPage?: readonly ConditionName[];
  /** Tickets that may come; any, where there is a page or may be one. */
  readonly mayTicket?: readonly ConditionName[];
  /** Each of its tickets comes once, however often what it is about. */
  readonly isOneTicket?: true;
  /** It is over when the first of the next runs has ended. */
  readonly endsWithRuns?: true;
  /** Its tickets stay until somebody does something. */
  readonly lasts?: true;
  /** Only the list shows it. */
  readonly needsList?: true;
  /** Only where a lease is as long as this many seconds. */
  readonly needsLease?: number;
  /** A replica that reads every few minutes takes no notice. */
  readonly isFineIfSeldom?: true;
  /** Somebody does this to the environment at the beginning. */
  readonly does?: 'archived' | 'deleted';
  /** What of the environment cannot be seen meanwhile. */
  readonly hides?: 'all' | 'list';
}
