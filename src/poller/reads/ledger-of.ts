import type { Clock, EpochMs } from '../../base/clock.ts';
import { type Ledger, newLedger } from '../../lifecycle/ledger.ts';
import { lastTransition } from '../../lifecycle/ledger-item.ts';
import type { EnvironmentState } from '../../state/environment-state.ts';

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

interface ByOwnClock {
  readonly clock: Now;
  /** The newest stamp in the whole list; 0: it has none, or the read was not of the whole list. */
  readonly newestStamp: EpochMs;
  /** No read before was of the whole list. */
  readonly isFirstWhole: boolean;
}

type Count = (known: Ledger) => Ledger;

/**
 * What `count` makes of a read, where nothing tells the API's clock. Until an item has been followed, the stamps that a
 * read shows tell that the own clock is wrong, and W with it; such a read counts nothing.
 *
 * - Stamps from the future: it is behind, for the stamps of what ended before the start, too.
 * - All stamps before W: it may be ahead. W goes back to the newest of them, so that what comes later counts.
 *
 * After reads that showed only the first pages, which may have items to follow, the first read of the whole list tells
 * the same; what it shows of those items counts.
 */
export function countedByOwnClock(known: Ledger, count: Count, shown: ByOwnClock): Ledger {
  const { clock, newestStamp, isFirstWhole } = shown;
  if (known.items.size > 0) {
    return isFirstWhole && known.provenFullScans === 0 ? countedByFirstWhole(known, count, shown) : count(known);
  }
  const counted = count(known);
  const { totals, clamped } = known;
  if (newestStamp > 0 && newestStamp < known.settledUntil) {
    return { ...counted, totals, clamped, settledUntil: newestStamp };
  }
  const latest = clock.now() + MOST_AHEAD_MS;
  const isFirst = known.provenFullScans === 0;
  if (!isFirst || !counted.items.values().some((item) => lastTransition(item) > latest)) return counted;
  return { ...counted, totals, clamped };
}

function countedByFirstWhole(known: Ledger, count: Count, { clock, newestStamp }: ByOwnClock): Ledger {
  const latest = clock.now() + MOST_AHEAD_MS;
  const withoutHistory = () => count({ ...known, settledUntil: newestStamp });
  // What was counted as created came after W: then W is not ahead.
  if (newestStamp > 0 && newestStamp < known.settledUntil && known.totals.created === 0) return withoutHistory();
  const counted = count(known);
  if (newestStamp <= latest || known.settledUntil > latest) return counted;
  const { totals, clamped } = withoutHistory();
  return { ...counted, totals, clamped };
}

/** When watching the list began, as the wall clock of now would have shown it: many machines start with a wrong one. */
function beginning(state: EnvironmentState | undefined, clock: Now): EpochMs {
  const { listedSince, watchedSince = clock.now() } = state ?? {};
  return listedSince === undefined ? watchedSince : Math.round(clock.now() - (clock.monotonic() - listedSince));
}
