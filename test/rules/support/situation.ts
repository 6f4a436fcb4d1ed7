import type { Gap } from './lines.ts';
import type { ShortName } from './rule-case.ts';
import type { Series } from './series.ts';

/** One alert that somebody hears of, or would without Alertmanager's inhibition. */
export interface Heard {
  readonly alert: ShortName;
  /** Default: the environment `e`; null for alerts of the fleet. */
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
 * bounds that follow from thresholds and intervals, not what the rules happen to do.
 */
export interface Situation {
  readonly name: string;
  readonly series: readonly Series[];
  /** Minutes to look at. */
  readonly minutes: number;
  readonly pages?: readonly Heard[];
  readonly tickets?: readonly Heard[];
  /** Fires too, and is muted by one that fires at the same time, from the first minute to the last. */
  readonly muted?: readonly (Heard & { readonly severity: 'critical' | 'warning'; readonly by: ShortName })[];
  readonly restart?: Gap;
  /** Minutes between two scrapes; half a minute, if absent. */
  readonly scrapeMinutes?: number;
}
