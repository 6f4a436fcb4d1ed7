import type { Clock, EpochMs } from '../base/clock.ts';
import { type Ledger, newLedger } from '../lifecycle/ledger.ts';
import type { EnvironmentState } from '../state/environment-state.ts';

type Now = Pick<Clock, 'now' | 'monotonic'>;

/** A correction may be this large without anything being wrong. */
export const MOST_AHEAD_MS = 60_000;

/**
 * A ledger begins when watching the list began, on the API's clock. History cannot be settled into the future: that
 * would mean that a clock was wrong, and nothing would be counted until that time.
 */
export function ledgerOf(state: EnvironmentState | undefined, skewMs: number, clock: Now): Ledger {
  const now = clock.now();
  const ledger = state?.ledger ?? newLedger(beginning(state, clock) + skewMs);
  return ledger.settledUntil > now + skewMs + MOST_AHEAD_MS ? { ...ledger, settledUntil: now + skewMs } : ledger;
}

/** When watching the list began, as the wall clock of now would have shown it: many machines start with a wrong one. */
function beginning(state: EnvironmentState | undefined, clock: Now): EpochMs {
  const { listedSince, watchedSince = clock.now() } = state ?? {};
  return listedSince === undefined ? watchedSince : Math.round(clock.now() - (clock.monotonic() - listedSince));
}
