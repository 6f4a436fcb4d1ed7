import type { Clock, EpochMs } from '../base/clock.ts';
import { type Ledger, newLedger } from '../lifecycle/ledger.ts';
import { lastTransition } from '../lifecycle/ledger-item.ts';
import type { EnvironmentState } from '../state/environment-state.ts';

type Now = Pick<Clock, 'now' | 'monotonic'>;

/** A correction may be this large without anything being wrong. */
export const MOST_AHEAD_MS = 60_000;

/**
 * A ledger begins when watching the list began, on the API's clock. History cannot be settled into the future: that
 * would mean that a clock was wrong, and nothing would be counted until that time.
 *
 * If nothing tells the API's clock, it may be the own one that is wrong now: what reads have shown stays history.
 * `newestEnd` is the newest stamp of the stopped items among it; null where the API's clock is known.
 */
export function ledgerOf(
  state: EnvironmentState | undefined,
  skewMs: number,
  { clock, newestEnd = null }: { readonly clock: Now; readonly newestEnd?: EpochMs | null },
): Ledger {
  const now = clock.now() + skewMs;
  const ledger = state?.ledger ?? newLedger(beginning(state, clock) + skewMs);
  if (ledger.settledUntil <= now + MOST_AHEAD_MS) return ledger;
  return { ...ledger, settledUntil: Math.max(now, Math.min(newestEnd ?? now, ledger.settledUntil)) };
}

/**
 * What was counted by a read, where nothing tells the API's clock: nothing, if it is the first one and showed stamps
 * from the future. Then the own clock is behind, and so is W: for the stamps of what ended before the start, too.
 */
export function countedByOwnClock(known: Ledger, counted: Ledger, { clock }: { readonly clock: Now }): Ledger {
  const isFirst = known.items.size === 0 && known.provenFullScans === 0;
  const latest = clock.now() + MOST_AHEAD_MS;
  if (!isFirst || !counted.items.values().some((item) => lastTransition(item) > latest)) return counted;
  return { ...counted, totals: known.totals, clamped: known.clamped };
}

/** When watching the list began, as the wall clock of now would have shown it: many machines start with a wrong one. */
function beginning(state: EnvironmentState | undefined, clock: Now): EpochMs {
  const { listedSince, watchedSince = clock.now() } = state ?? {};
  return listedSince === undefined ? watchedSince : Math.round(clock.now() - (clock.monotonic() - listedSince));
}
