import { type Ledger, newLedger } from '../lifecycle/ledger.ts';
import type { EnvironmentState } from '../state/environment-state.ts';

/** A correction may be this large without anything being wrong. */
export const MOST_AHEAD_MS = 60_000;

/**
 * A ledger begins when watching the list began, on the API's clock. History cannot be settled into the future: that
 * would mean that a clock was wrong, and nothing would be counted until that time.
 */
export function ledgerOf(state: EnvironmentState | undefined, skewMs: number, now: number): Ledger {
  const ledger = state?.ledger ?? newLedger((state?.listedSince ?? state?.watchedSince ?? now) + skewMs);
  return ledger.settledUntil > now + skewMs + MOST_AHEAD_MS ? { ...ledger, settledUntil: now + skewMs } : ledger;
}
