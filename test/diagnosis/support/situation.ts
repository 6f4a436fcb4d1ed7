import type { ConditionName } from '../../../src/diagnosis/conditions.ts';
import type { Gap } from './lines.ts';
import type { Series } from './series.ts';

/** One alert that somebody hears of. */
export interface Heard {
  readonly condition: ConditionName;
  /** Default: the environment `e`; null for a condition of a connection. */
  readonly environment?: string | null;
  /** How often it starts; once, if absent. */
  readonly times?: number;
  /** The minutes between which it starts, for the last time: not yet at the first, out at the second. */
  readonly starts?: readonly [after: number, by: number];
  /** The minute by which it has ended; never, if absent. */
  readonly over?: number;
}

/**
 * What happens, and what must come of it: who is woken, what becomes a ticket, and that nothing else does. The times are
 * bounds that follow from thresholds and intervals, not what the engine happens to do.
 */
export interface Situation {
  readonly name: string;
  readonly series: readonly Series[];
  /** Minutes to look at. */
  readonly minutes: number;
  readonly pages?: readonly Heard[];
  readonly tickets?: readonly Heard[];
  /** Tickets that may come beside a page that says more: how often is nobody's concern. */
  readonly allowed?: readonly ConditionName[];
  readonly restart?: Gap;
  /** Minutes between two scrapes; half a minute, if absent. */
  readonly scrapeMinutes?: number;
}
