import type { EpochMs } from '../base/clock.ts';
import { enqueueStampOf, type LedgerItem, lastTransition, type Sighting } from './ledger-item.ts';
import { type LifecycleTotals, NO_TOTALS } from './lifecycle-totals.ts';

/**
 * What has been counted for one environment, and what is needed to count nothing twice:
 * docs/design/counting.md#the-ledger.
 */
export interface Ledger {
  /**
   * W: the API's time up to which history is settled. It moves back only when a clock turns out to have been wrong: if
   * W lies in the future or, while the API's clock is unknown, if it lies after every stamp of the first list that was
   * read whole, or of a list of which no item has been followed yet.
   */
  readonly settledUntil: EpochMs;
  /** API time of the last read that showed an item. */
  readonly readAt: EpochMs;
  /** The last stamps of every live item and of every item with a transition after W, by id. */
  readonly items: ReadonlyMap<string, LedgerItem>;
  readonly totals: LifecycleTotals;
  /** The number of negative durations, which were counted as 0. */
  readonly clamped: number;
  /** The number of consecutive full scans that reached the end of the list; one of a single page counts as two. */
  readonly provenFullScans: number;
  /**
   * A ledger of the state file that is more than an hour old by this machine's clock, which may be wrong. The first read goes
   * on from it if it is recent by the API's clock; if it is not, or that clock is unknown, the read drops it.
   */
  readonly resumeIfRecent?: Ledger | undefined;
}

/** A ledger that was last written longer ago is old: its counters go on, but what has happened since is history. */
const OLD_MS = 3_600_000;

/** Whether `then` is at most an hour before or after `now`, on the same clock: a time far ahead is from a clock that was wrong. */
export function isWithinAnHour(then: EpochMs, now: EpochMs): boolean {
  return Math.abs(now - then) <= OLD_MS;
}

/** A full scan that ended during a read. */
export interface FullScanEnd {
  /** API time when it began. */
  readonly startedAt: EpochMs;
  readonly pages: number;
  /** Whether it stopped before the end of the list. */
  readonly truncated: boolean;
}

/** What one finished read showed. */
export interface LedgerRead {
  readonly sightings: readonly Sighting[];
  /** Ids that are proved to have left the list. */
  readonly gone: Iterable<string>;
  readonly fullScan: FullScanEnd | null;
}

export interface LedgerOptions {
  /** Whether `started_at` is the time of queueing. */
  readonly startedAtIsEnqueueStamp: boolean;
  /** An item that is handed out again gets a new id. */
  readonly idsRotate?: boolean;
  /** Whether the histograms get exemplars. */
  readonly exemplars: boolean;
}

/** A ledger that begins now. `now` is API time: what happened earlier is history. */
export function newLedger(now: EpochMs): Ledger {
  return { settledUntil: now, readAt: now, items: new Map(), totals: NO_TOTALS, clamped: 0, provenFullScans: 0 };
}

/** Whether an item that is not in the ledger is history: stopped, and without a transition since W. */
export function isHistory(item: Sighting['item'], settledUntil: EpochMs, startedAtIsEnqueueStamp: boolean): boolean {
  return item.state === 'stopped' && historyFrom(item, startedAtIsEnqueueStamp) <= settledUntil;
}

/** The lowest W at which a stopped item is history. */
export function historyFrom(item: Sighting['item'], startedAtIsEnqueueStamp: boolean): EpochMs {
  return Math.max(lastTransition(item), enqueueStampOf(item, startedAtIsEnqueueStamp) ?? 0);
}

/** API time up to which the reads of a ledger are known to have shown the list. */
export function readUntil({ settledUntil, readAt, items }: Ledger): EpochMs {
  let latest = Math.max(settledUntil, readAt);
  for (const { seenAt } of items.values()) latest = Math.max(latest, seenAt ?? readAt);
  return latest;
}

/** API time of the last read that showed an item. */
export function lastSeenAt({ readAt }: Pick<Ledger, 'readAt'>, { seenAt }: LedgerItem): EpochMs {
  return seenAt ?? readAt;
}
