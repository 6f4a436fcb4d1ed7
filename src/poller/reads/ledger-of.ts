import type { Clock, EpochMs } from '../../base/clock.ts';
import { isWithinAnHour, type Ledger, newLedger, readUntil } from '../../lifecycle/ledger.ts';
import { lastTransition } from '../../lifecycle/ledger-item.ts';
import type { EnvironmentState } from '../../state/environment-state.ts';

/** The own clock: ledgers use API time, which is that of the own clock plus the skew. */
type LedgerClock = Pick<Clock, 'now' | 'monotonic'>;

/** W may be ahead of the API's time by this much: clocks are corrected by as much in normal operation. */
export const MOST_AHEAD_MS = 60_000;

/**
 * A ledger begins when watching the list began, on the API's clock. History cannot be settled into the future: that
 * would mean that a clock was wrong, and nothing would be counted until that time.
 *
 * While the API's clock is unknown, it may be the own clock that is wrong now, so what reads have shown stays history.
 * `latestStampOfStopped` is that of the stopped items among it; null if the API's clock is known.
 */
export function ledgerOf(
  state: EnvironmentState | undefined,
  skewMs: number,
  {
    clock,
    latestStampOfStopped = null,
  }: { readonly clock: LedgerClock; readonly latestStampOfStopped?: EpochMs | null },
): Ledger {
  const now = clock.now() + skewMs;
  const known = state?.ledger ?? newLedger(beginning(state, clock) + skewMs);
  const ledger =
    known.resumeIfRecent === undefined ? known : chosenByApiClock(known, latestStampOfStopped === null ? now : null);
  if (ledger.settledUntil <= now + MOST_AHEAD_MS) return ledger;
  return { ...ledger, settledUntil: Math.max(now, Math.min(latestStampOfStopped ?? now, ledger.settledUntil)) };
}

/**
 * Which ledger to go on from: that of the state file if it is recent by the API's clock, otherwise the one without its items.
 * `now` is API time; null while that is unknown: then it is the latter.
 */
function chosenByApiClock({ resumeIfRecent: ifRecent, ...old }: Ledger, now: EpochMs | null): Ledger {
  return ifRecent !== undefined && now !== null && isWithinAnHour(readUntil(ifRecent), now) ? ifRecent : old;
}

interface ByOwnClock {
  readonly clock: LedgerClock;
  /** The newest stamp in the whole list; 0 if it has none or was not read whole. */
  readonly newestStamp: EpochMs;
  /** Whether this is the first read of the whole list. */
  readonly isFirstWhole: boolean;
}

type Count = (known: Ledger) => Ledger;

/**
 * Counts a read while the API's clock is unknown. Until the first item is followed, the stamps of a read can prove that
 * the own clock, and with it W, is wrong. Such a read counts nothing.
 *
 * - Stamps from the future: the own clock is behind, and was when earlier items ended.
 * - All stamps are before W: the own clock may be ahead. W goes back to the newest of them, so that later events count.
 *
 * If earlier reads showed only the first pages, and items are followed already, the first read of the whole list can still
 * move W back; what it shows of those items counts.
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
  // With W at the newest stamp, everything that the read shows is history.
  const countAllAsHistory = () => count({ ...known, settledUntil: newestStamp });
  // If an item was counted as created, it came after W, so W is not ahead.
  if (newestStamp > 0 && newestStamp < known.settledUntil && known.totals.created === 0) return countAllAsHistory();
  const counted = count(known);
  if (newestStamp <= latest || known.settledUntil > latest) return counted;
  const { totals, clamped } = countAllAsHistory();
  return { ...counted, totals, clamped };
}

/** When watching the list began, on the wall clock as it is set now: many machines start with a wrong clock. */
function beginning(state: EnvironmentState | undefined, clock: LedgerClock): EpochMs {
  const { listedSince, watchedSince = clock.now() } = state ?? {};
  return listedSince === undefined ? watchedSince : Math.round(clock.now() - (clock.monotonic() - listedSince));
}
