import type { EpochMs } from '../base/clock.ts';
import { isRunning, type WorkItem } from '../domain/work.ts';
import {
  type FullScanEnd,
  type Ledger,
  type LedgerItem,
  type LedgerOptions,
  type LedgerRead,
  lastTransition,
  ledgerKey,
} from './ledger.ts';
import { type RowEvents, withEvents } from './totals.ts';

/** How long after its stamps a row may become visible and still be counted: W stays this far behind the start of a full scan. */
const LATEST_COMMIT_MS = 600_000;
/** A live item may be missed by full scans, but not for this long. */
const UNSEEN_MS = 3_600_000;
/** If the start of a wait is less certain than this, it is unknown. */
const KNOWN_WITHIN_MS = 60_000;
/** No lease ends without a new stamp so soon after a read that showed the item at work. */
const SOON_MS = 10_000;
/** Stamps of one transaction may differ by this much, in either order. W begins with the whole seconds of a `Date`. */
const SLACK_MS = 1000;
/** An enqueue stamp this much later than the creation is not the first run's: that one follows within 0.15 s. */
const FIRST_ENQUEUE_MS = 10_000;
/** So many full scans in a row have shown every live item there is; and, if W has advanced, all from before W. */
const ALL_LIVE_KNOWN = 2;
const PROVEN_BEFORE_W = 3;
/**
 * A running item whose last sign of life is older than this is silent. Workers send a heartbeat every half lease, at most
 * every 30 s (docs/design/work-api.md#worker-cadence); where ids rotate, leases last 30 s.
 */
const SILENT_MS = { usual: 31_000, whereIdsRotate: 16_000 } as const;
/** Nothing waits or runs for more than a year: one of the two stamps is wrong, and would swamp the sum. */
const LONGEST_MS = 366 * 86_400_000;

/** An item as it was read. `enqueuedAt` is null where the service means something else by `started_at`. */
interface Row extends WorkItem {
  readonly enqueuedAt: EpochMs | null;
  readonly at: EpochMs;
}

/**
 * The ledger after a finished read: each transition that the read shows is counted once, however often and in whatever order
 * its row is read. After a full scan, W advances.
 */
export function countRead(ledger: Ledger, { sightings, fullScan }: LedgerRead, options: LedgerOptions): Ledger {
  const { startedAtIsEnqueueStamp, idsRotate = false, exemplars } = options;
  const items = new Map(ledger.items);
  let { totals, clamped } = ledger;
  for (const { item, at } of sightings) {
    const enqueuedAt = startedAtIsEnqueueStamp ? item.startedAt : null;
    const key = ledgerKey(item, idsRotate);
    const known = items.get(key) ?? takenFrom(items, ledgerKey(item, !idsRotate));
    if (known === undefined && item.state === 'stopped' && lastTransition(item, enqueuedAt) <= ledger.settledUntil)
      continue;
    const row = { ...item, enqueuedAt, at };
    const was = known ?? unseen(row, ledger);
    if (row.state === 'other' || isOutdated(was, row)) {
      // Without a known state it is unclear whether a run ended or the item waits again: the next row that shows one decides.
      items.set(key, row.state === 'other' ? { ...was, seenAt: at } : was);
      continue;
    }
    const { seen, events } = seeing(was, row, ledger.settledUntil - SLACK_MS);
    items.set(key, { ...seen, silent: isRunning(row.state) && isSilent(row, idsRotate) });
    if (events === null) continue;
    const added = withEvents(totals, events, { item, exemplars });
    totals = added.totals;
    clamped += added.clamped;
  }
  const counted = { ...ledger, items, totals, clamped };
  return fullScan === null ? counted : settled(counted, fullScan);
}

/** Of an item that was known by another key before a reload. */
function takenFrom(items: Map<string, LedgerItem>, key: string): LedgerItem | undefined {
  const item = items.get(key);
  items.delete(key);
  return item;
}

/** Whether `after` counts anything that `before` did not: then it must be on the disk before it is published. */
export function hasCounted(before: Ledger, after: Ledger): boolean {
  return after.totals !== before.totals || after.clamped !== before.clamped;
}

/** Advances W after a full scan and forgets what has become history. */
function settled(ledger: Ledger, { startedAt, pages, truncated }: FullScanEnd): Ledger {
  const settledUntil = Math.max(ledger.settledUntil, startedAt - LATEST_COMMIT_MS);
  // A live item that no read shows is not forgotten at once: if it comes back, it must not count as requeued.
  const isForgotten = ({ state, seenAt }: LedgerItem) => state === 'stopped' || seenAt < settledUntil - UNSEEN_MS;
  const kept = [...ledger.items].filter(
    ([, item]) => lastTransition(item, item.enqueuedAt) > settledUntil || !isForgotten(item),
  );
  const scans = truncated ? 0 : Math.min(ALL_LIVE_KNOWN, ledger.provenFullScans + (pages === 1 ? 2 : 1));
  // As long as W stands where counting began, what is unknown may only have become visible late.
  const hasAdvanced = settledUntil > ledger.settledUntil;
  const provenFullScans = scans === ALL_LIVE_KNOWN && hasAdvanced ? PROVEN_BEFORE_W : scans;
  return { ...ledger, items: new Map(kept), settledUntil, provenFullScans };
}

/** What would be known of an item that no read has shown, if one had just before W: its stamps up to W, which are history. */
function unseen(row: Row, { settledUntil, provenFullScans }: Ledger): LedgerItem {
  const { createdAt } = row;
  const isFirstRun = createdAt !== null && row.enqueuedAt !== null && row.enqueuedAt - createdAt <= FIRST_ENQUEUE_MS;
  const known = (stamp: EpochMs | null, until = settledUntil) => (stamp !== null && stamp <= until ? stamp : null);
  const enqueuedAt = known(row.enqueuedAt);
  const acknowledgedAt = known(row.acknowledgedAt);
  const stoppedAt = known(row.stoppedAt);
  // Once every live item from before W is known, an unknown one had stopped and was forgotten.
  const isNews =
    row.state === 'queued' || isLater(row.acknowledgedAt, settledUntil) || isLater(row.stoppedAt, settledUntil);
  // One that was acknowledged since W and waits again without a stop was there all the time.
  const hasLapsed =
    isLater(row.acknowledgedAt, settledUntil) &&
    isBefore(row.acknowledgedAt, row.enqueuedAt) &&
    !isLater(row.stoppedAt, row.acknowledgedAt);
  const isOld = known(createdAt) !== null && !isFirstRun && !hasLapsed;
  const wasForgotten =
    isOld && (isLater(row.enqueuedAt, settledUntil) || (provenFullScans >= PROVEN_BEFORE_W && isNews));
  // It may have been queued again before W, where no stamp tells.
  const mayWait = row.state === 'queued' && row.enqueuedAt === null;
  const isEnded = stoppedAt !== null && !isLater(acknowledgedAt, stoppedAt) && !isLater(enqueuedAt, stoppedAt);
  const wasRunning = acknowledgedAt !== null && !isBefore(acknowledgedAt, enqueuedAt) && row.state !== 'queued';
  const state = wasForgotten || (isEnded && !mayWait) ? 'stopped' : wasRunning ? 'active' : 'queued';
  return {
    state,
    createdAt: known(createdAt, settledUntil - (provenFullScans >= ALL_LIVE_KNOWN && isFirstRun ? SLACK_MS : 0)),
    enqueuedAt,
    acknowledgedAt,
    stopRequestedAt: known(row.stopRequestedAt),
    // A forgotten stop is not the one that the row shows.
    stoppedAt: wasForgotten ? (stoppedAt ?? createdAt) : stoppedAt,
    runAcknowledgedAt: state === 'active' ? acknowledgedAt : null,
    queuedSince: state === 'queued' ? firstWait(row, settledUntil) : null,
    deliveries: Number(state === 'active'),
    begun: state === 'active' && hasBegun(row),
    silent: false,
    enqueueStampDue: false,
    seenAt: createdAt ?? 0,
  };
}

/** Since when an item has waited that was waiting at W, or was created since; null if it may have had runs before. */
function firstWait({ enqueuedAt, createdAt, acknowledgedAt, stoppedAt }: Row, settledUntil: EpochMs): EpochMs | null {
  if (enqueuedAt !== null) return Math.max(enqueuedAt, createdAt ?? 0);
  const isFirst = isLater(createdAt, settledUntil) || (acknowledgedAt === null && stoppedAt === null);
  return isFirst ? createdAt : null;
}

/** What is known of an item after a row of it, and what that shows for the first time: null if nothing. */
function seeing(known: LedgerItem, row: Row, after: EpochMs): { seen: LedgerItem; events: RowEvents | null } {
  const isAcknowledged = isNew(row.acknowledgedAt, known.acknowledgedAt);
  const isStopped = isNew(row.stoppedAt, known.stoppedAt) && !isSameStop(known, row, isAcknowledged);
  const isNewRun = beginsRun(known, row, { isAcknowledged, isStopped });
  const requeued = isNewRun && (known.state === 'stopped' || (isStopped && row.state !== 'stopped'));
  const lapsed = isNewRun && !requeued;
  const created = known.createdAt === null && isLater(row.createdAt, after);
  // A run that was seen without its acknowledgement may have been acknowledged before W.
  const isHistory = isRunning(known.state) && !isLater(row.acknowledgedAt, after);
  // A heartbeat may stamp the acknowledgement of the same run again.
  const acknowledged = isAcknowledged && (isNewRun || (known.runAcknowledgedAt === null && !isHistory));
  const running = isRunning(row.state);
  const queuedSince = queuedSinceOf(known, row, isNewRun);
  // Nobody waits for health checks.
  const isWaitOver = acknowledged && row.type === 'session';
  // The acknowledgement may be that of an earlier run than the one that waits now.
  const isOfEarlierRun = isBefore(row.acknowledgedAt, row.enqueuedAt) || (isNewRun && row.state === 'queued');
  const isWaitKnown = isWaitOver && queuedSince !== null && !isOfEarlierRun;
  const waitMs = isWaitKnown ? possible(row.acknowledgedAt! - queuedSince) : null;
  const runAt = isStopped ? runThatStopped(known, row, { isNewRun, isAcknowledged }) : null;
  const wasBegun = !isNewRun && known.begun;
  const begun = running && (wasBegun || hasBegun(row));
  // After a lapse, the run that has ended is a later one than the one that was known.
  const endsUnseen = runAt !== null && (!known.begun || lapsed);
  const begins = Number(begun && !wasBegun) + Number(endsUnseen);
  // Without silence, a session may have ended and woken up between two reads.
  const lost = lapsed && known.silent;
  const runAcknowledgedAt = isNewRun ? row.acknowledgedAt : (known.runAcknowledgedAt ?? row.acknowledgedAt);
  const seen: LedgerItem = {
    state: row.state,
    createdAt: known.createdAt ?? row.createdAt,
    enqueuedAt: laterOf(row.enqueuedAt, known.enqueuedAt),
    acknowledgedAt: laterOf(row.acknowledgedAt, known.acknowledgedAt),
    stopRequestedAt: laterOf(row.stopRequestedAt, known.stopRequestedAt),
    stoppedAt: laterOf(row.stoppedAt, known.stoppedAt),
    runAcknowledgedAt: running ? runAcknowledgedAt : null,
    queuedSince,
    deliveries: deliveriesOf(known, row, { requeued, lapsed, begins: acknowledged && running }),
    begun,
    silent: known.silent,
    enqueueStampDue: !isLater(row.enqueuedAt, known.enqueuedAt) && (isNewRun || known.enqueueStampDue),
    seenAt: row.at,
  };
  if (!created && !isNewRun && !acknowledged && !isStopped && begins === 0) return { seen, events: null };
  const waitUnknown = isWaitOver && waitMs === null;
  const counts = { created, acknowledged, stopped: isStopped, requeued, lapsed, lost, begun: begins, waitUnknown };
  const runMs = runAt === null ? null : possible(row.stoppedAt! - runAt);
  const stopMs = isStopped ? possible(stopOf(known, row)) : null;
  const lostAt = lost ? (known.runAcknowledgedAt ?? known.seenAt) : null;
  return { seen, events: { counts, waitMs, runMs, stopMs, lostAt } };
}

/** A stopped item may be stopped again, which stamps the stop anew; each run has its own enqueue stamp. */
function isSameStop(known: LedgerItem, row: Row, isAcknowledged: boolean): boolean {
  const isSameRun = row.enqueuedAt !== null && row.enqueuedAt === known.enqueuedAt && !isAcknowledged;
  return isSameRun && known.state === 'stopped' && known.stoppedAt !== null && row.state === 'stopped';
}

/** Whether a row shows another run than the known one: the item was queued again, after a lapse or a stop. */
function beginsRun(known: LedgerItem, row: Row, now: { isAcknowledged: boolean; isStopped: boolean }): boolean {
  const waits = row.state === 'queued';
  // The first enqueue stamp that an item shows says when it was queued, not that it was queued again.
  const mayTell = known.enqueuedAt !== null && !known.enqueueStampDue;
  if (mayTell && isNew(row.enqueuedAt, known.enqueuedAt)) return true;
  if (now.isStopped && row.state !== 'stopped') return true;
  // A first date of the stop that is known is no other stop.
  if (known.state === 'stopped') return waits || now.isAcknowledged || (now.isStopped && known.stoppedAt !== null);
  // It was handed out and came back between two reads.
  if (known.state === 'queued') return waits && now.isAcknowledged;
  if (waits || known.runAcknowledgedAt === null) return waits;
  // Some services clear the stamps when an item is queued again; then it was stopped while it waited.
  if (row.acknowledgedAt === null) return row.latestHeartbeatAt === null;
  // Without an enqueue stamp, the acknowledgement identifies the run; with one, heartbeats may stamp it again.
  return now.isAcknowledged && row.enqueuedAt === null;
}

/**
 * Whether a row shows an earlier state than the known one: a copy of the API that lags has answered. Taken for the present, it
 * would count a lapse or a requeue, and once more when the present comes back.
 */
function isOutdated(known: LedgerItem, row: Row): boolean {
  if (row.enqueuedAt !== null && isLater(known.enqueuedAt, row.enqueuedAt)) return true;
  const stamps = ['enqueuedAt', 'acknowledgedAt', 'stoppedAt'] as const;
  if (stamps.some((name) => isLater(row[name], known[name]))) return false;
  if (stamps.some((name) => row[name] !== null && isLater(known[name], row[name]))) return true;
  if (isRunning(row.state) && known.state === 'stopped') return true;
  // The run that this stop ended was not the last one.
  if (row.state === 'stopped') return known.state !== 'stopped' && row.stoppedAt !== null;
  // A run that has ended since: only a later sign of life would mean that the worker still has it.
  if (isRunning(row.state) && known.state === 'queued')
    return row.acknowledgedAt !== null && known.acknowledgedAt !== null && (row.latestHeartbeatAt ?? 0) <= known.seenAt;
  if (row.state !== 'queued' || row.enqueuedAt === null) return false;
  // A stopped item that is queued again has another enqueue stamp, or at least its stop.
  if (known.state === 'stopped') return known.stoppedAt !== null && row.stoppedAt === null;
  // After a lapse it may have the same one, but not so soon.
  const isSoon = !known.silent && row.at - known.seenAt <= SOON_MS;
  return isSoon && known.runAcknowledgedAt !== null && row.acknowledgedAt === null;
}

/** Since when the present run has waited, or had waited; null if that is not known to the minute. */
function queuedSinceOf(known: LedgerItem, row: Row, isNewRun: boolean): EpochMs | null {
  const { enqueuedAt, createdAt } = row;
  const claimedAt = row.state === 'queued' ? null : row.acknowledgedAt;
  if (enqueuedAt !== null && isLater(enqueuedAt, known.enqueuedAt) && !isBefore(claimedAt, enqueuedAt))
    return Math.max(enqueuedAt, createdAt ?? 0);
  if (!isNewRun) return known.queuedSince;
  // The last read that still saw the earlier run is the best lower bound, unless its stop is known and later.
  const from = Math.max(known.seenAt, row.state === 'stopped' ? 0 : (row.stoppedAt ?? 0));
  const until = claimedAt ?? row.at;
  return until - from <= KNOWN_WITHIN_MS ? Math.min(from, until) : null;
}

/** The acknowledgement of the run that a new stop ended, if a read ever showed it. */
function runThatStopped(
  known: LedgerItem,
  row: Row,
  { isNewRun, isAcknowledged }: { readonly isNewRun: boolean; readonly isAcknowledged: boolean },
): EpochMs | null {
  const shown = isAcknowledged && !isBefore(row.acknowledgedAt, row.enqueuedAt) ? row.acknowledgedAt : null;
  if (row.state === 'stopped') return isNewRun ? shown : (known.runAcknowledgedAt ?? shown);
  // The stop of an earlier run, on an item that has been queued again.
  const isBeforeStop = isAcknowledged && row.acknowledgedAt! <= row.stoppedAt!;
  return isBeforeStop ? row.acknowledgedAt : known.runAcknowledgedAt;
}

/** How long a new stop took since it was asked for; null if that is not known, or was asked of an earlier run. */
function stopOf(known: LedgerItem, { stopRequestedAt, stoppedAt, state, enqueuedAt }: Row): number | null {
  if (!isLater(stopRequestedAt, known.stoppedAt)) return null;
  const isOfEarlierRun =
    (!isRunning(known.state) && stopRequestedAt === known.stopRequestedAt) ||
    (state === 'stopped' ? isBefore(stopRequestedAt, enqueuedAt) : stopRequestedAt > stoppedAt!);
  return isOfEarlierRun ? null : stoppedAt! - stopRequestedAt;
}

/** A new run without a stop is one more delivery only if the worker was already silent at the read before. */
function deliveriesOf(
  known: LedgerItem,
  { state }: Row,
  { requeued, lapsed, begins }: { readonly requeued: boolean; readonly lapsed: boolean; readonly begins: boolean },
): number {
  if (state === 'stopped') return 0;
  if (requeued) return Number(begins);
  const isUnsure = lapsed && known.runAcknowledgedAt !== null && !known.silent;
  return Math.max(0, known.deliveries - Number(isUnsure)) + Number(begins);
}

/** Whether the last sign of life of a running item is too old at the time of the row; false if it has given none. */
function isSilent({ latestHeartbeatAt, acknowledgedAt, at }: Row, idsRotate: boolean): boolean {
  const sign = latestHeartbeatAt ?? acknowledgedAt;
  return sign !== null && at - sign > (idsRotate ? SILENT_MS.whereIdsRotate : SILENT_MS.usual);
}

/** Whether somebody has begun to work on a running item: until its first heartbeat it is only acknowledged. */
function hasBegun({ state, latestHeartbeatAt }: Row): boolean {
  return state === 'active' || (isRunning(state) && latestHeartbeatAt !== null);
}

/** Whether a stamp is of a run before that of the enqueue stamp: rows may still show stamps of the previous run. */
function isBefore(stamp: EpochMs | null, enqueuedAt: EpochMs | null): boolean {
  return stamp !== null && enqueuedAt !== null && enqueuedAt > stamp + SLACK_MS;
}

function laterOf(a: EpochMs | null, b: EpochMs | null): EpochMs | null {
  return isLater(a, b) ? a : b;
}

/** Whether there is a stamp, and it is after the other one, which may be missing. */
function isLater(stamp: EpochMs | null, than: EpochMs | null): stamp is EpochMs {
  return stamp !== null && (than === null || stamp > than);
}

/** Whether a stamp is later than the known one, and not the same one with the fraction of its second. */
function isNew(stamp: EpochMs | null, known: EpochMs | null): boolean {
  return isLater(stamp, known) && !(known !== null && known % 1000 === 0 && stamp - known < 1000);
}

function possible(ms: number | null): number | null {
  return ms === null || Math.abs(ms) > LONGEST_MS ? null : ms;
}
