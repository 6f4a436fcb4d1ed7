import type { EpochMs } from '../base/clock.ts';
import { DURATION_BUCKETS, emptyHistogram, type Histogram, STOP_BUCKETS } from '../domain/histogram.ts';
import type { WorkItem, WorkState } from '../domain/work.ts';

export const COUNTERS = [
  'created',
  'acknowledged',
  'stopped',
  'requeued',
  'lapsed',
  // Those of `lapsed` that came after silence.
  'lost',
  // Runs that sent a heartbeat, or ended with a stop before a read saw one.
  'begun',
  'waitUnknown',
  // Runs of sessions that ended with a stop, and those of them that were short; health checks are no sessions.
  'sessionRuns',
  'shortSessionRuns',
] as const;
export type Counter = (typeof COUNTERS)[number];

/**
 * When runs were acknowledged that were lost and began after every run that has ended with a stop: a change of the workers
 * that breaks each new run shows here at once, though runs from before it still finish.
 */
export interface Losses {
  /** The latest acknowledgement of a run that ended with a stop; 0 before there was one. */
  readonly endedWell: EpochMs;
  readonly lost: readonly EpochMs[];
}

/** Transitions counted once: docs/design/README.md#counting. */
export interface LifecycleTotals extends Readonly<Record<Counter, number>> {
  readonly losses: Losses;
  readonly wait: Histogram;
  readonly run: Histogram;
  readonly stop: Histogram;
}

export const NO_TOTALS: LifecycleTotals = {
  ...(Object.fromEntries(COUNTERS.map((name) => [name, 0])) as Record<Counter, number>),
  losses: { endedWell: 0, lost: [] },
  wait: emptyHistogram(DURATION_BUCKETS),
  run: emptyHistogram(DURATION_BUCKETS),
  stop: emptyHistogram(STOP_BUCKETS),
};

/** What has been counted for one environment, and what is needed to count nothing twice: docs/design/README.md#counting. */
export interface Ledger {
  /** W: the API's time up to which history is settled. Nothing before it is counted any more. */
  readonly settledUntil: EpochMs;
  /** The last stamps of every live item and of every item with a transition after W, by `ledgerKey`. */
  readonly items: ReadonlyMap<string, LedgerItem>;
  readonly totals: LifecycleTotals;
  /** The number of negative durations, which were counted as 0. */
  readonly clamped: number;
  /** How many full scans in a row reached the end of the list, up to 2; one of a single page counts as two. 3: and W has advanced. */
  readonly provenFullScans: number;
  /** From a state file that is old by this machine's clock: the first read decides by the API's. */
  readonly isOld?: boolean;
}

/** What the ledger remembers of one item. Stamps are the latest seen so far: one that comes again is no event. */
export interface LedgerItem {
  readonly state: WorkState;
  readonly createdAt: EpochMs | null;
  readonly enqueuedAt: EpochMs | null;
  readonly acknowledgedAt: EpochMs | null;
  readonly stopRequestedAt: EpochMs | null;
  readonly stoppedAt: EpochMs | null;
  /** The first acknowledgement seen of the present run: some heartbeats stamp it again. Null while it waits. */
  readonly runAcknowledgedAt: EpochMs | null;
  /** Since when its present run has waited, or had waited; null if that is not known to the minute. */
  readonly queuedSince: EpochMs | null;
  /** Acknowledgements since its last stop, as far as reads showed them: more than 1 after a lapse. */
  readonly deliveries: number;
  /** Whether its present run has sent a heartbeat. */
  readonly begun: boolean;
  /** Whether it was running without a recent sign of life at the last read. */
  readonly silent: boolean;
  /** Whether the present run was recognized before its enqueue stamp, which follows within 0.15 s: the next one is its own. */
  readonly enqueueStampDue: boolean;
  /** API time of the last read that showed it. */
  readonly seenAt: EpochMs;
}

/** An item as a read showed it, and the API's time of that read. */
export interface Sighting {
  readonly item: WorkItem;
  readonly at: EpochMs;
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

/** How far W may be ahead of now: a clock is known to about a second. */
const MOST_AHEAD_MS = 5000;
/** After so long without a read, counters go on, but what has happened since is history. */
const OLD_MS = 3_600_000;

/** A ledger that begins now, by the API's clock: what happened earlier is history. */
export function newLedger(now: EpochMs): Ledger {
  return { settledUntil: now, items: new Map(), totals: NO_TOTALS, clamped: 0, provenFullScans: 0 };
}

/** Whether a time is at most an hour before or after another, on the same clock. */
export function isWithinAnHour(then: EpochMs, now: EpochMs): boolean {
  return Math.abs(now - then) <= OLD_MS;
}

/** The ledger to go on from now, by the API's clock. History cannot be settled into the future: nothing would count until then. */
export function ledgerAt({ isOld = false, ...known }: Ledger, now: EpochMs): Ledger {
  const { settledUntil, totals, clamped } = known;
  const readUntil = () => known.items.values().reduce((latest, { seenAt }) => Math.max(latest, seenAt), settledUntil);
  if (isOld && !isWithinAnHour(readUntil(), now)) return { ...newLedger(now), totals, clamped };
  return settledUntil > now + MOST_AHEAD_MS ? { ...known, settledUntil: now } : known;
}

/** What an item is known by. Where one that is handed out again gets a new id, its creation and its session stay. */
export function ledgerKey({ id, sessionId, createdAt }: WorkItem, idsRotate: boolean): string {
  return idsRotate && sessionId !== null && createdAt !== null ? `${createdAt} ${sessionId}` : id;
}

type Stamps = Pick<LedgerItem, 'createdAt' | 'acknowledgedAt' | 'stopRequestedAt' | 'stoppedAt'>;

/** The largest stamp that decides whether an item is history; heartbeats are not transitions. */
export function lastTransition(item: Stamps, enqueuedAt: EpochMs | null): EpochMs {
  const { createdAt, acknowledgedAt, stopRequestedAt, stoppedAt } = item;
  return Math.max(createdAt ?? 0, enqueuedAt ?? 0, acknowledgedAt ?? 0, stopRequestedAt ?? 0, stoppedAt ?? 0);
}
