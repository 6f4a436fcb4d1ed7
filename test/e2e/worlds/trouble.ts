import type { Switches } from '../../../src/simulator/queue/switches.ts';
import type { Fault } from '../../../src/simulator/scenarios/fault.ts';
import type { Arrivals, EnvironmentPlan, Phase, WorkerFleet } from '../../../src/simulator/scenarios/scenario.ts';
import type { ShortName } from '../../rules/support/rule-case.ts';

/** A fleet that does its work, and what it gets to do. */
export interface Healthy {
  readonly fleet: WorkerFleet;
  readonly perMinute: number;
}

/** What goes wrong for a while, and who must be told. */
export interface Trouble {
  readonly fleets?: (healthy: Healthy) => readonly WorkerFleet[];
  readonly arrivals?: (healthy: Healthy) => Arrivals;
  /** From the beginning to the end of the world. */
  readonly always?: Partial<EnvironmentPlan> & { readonly fleet?: Partial<WorkerFleet> };
  readonly faults?: readonly Fault[];
  /** How long it lasts; left to chance when left out. */
  readonly minutes?: number;
  /** Instead of one phase for as long as it lasts; the last one takes what is left. */
  readonly phases?: (healthy: Healthy) => readonly Phase[];
  /** What somebody does to the environment at the beginning. */
  readonly does?: 'archive' | 'delete';
  /** Added to the configuration of every exporter. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly switches?: Partial<Switches>;
  /** Pages of which exactly one must come; null: none must. */
  readonly page: readonly ShortName[] | null;
  /** Pages that may come instead of none. */
  readonly mayPage?: readonly ShortName[];
  /** Tickets that may come; any, where there is a page or may be one. */
  readonly mayTicket?: readonly ShortName[];
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
  /** No exporter runs. */
  readonly noExporter?: true;
  /** A replica that reads every few minutes takes no notice. */
  readonly isFineIfSeldom?: true;
  /** What of the environment cannot be seen meanwhile. */
  readonly hides?: 'all' | 'list';
}
