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
  type QueuedSince,
} from './ledger.ts';
import { addEvents, type ItemEvents } from './totals.ts';

/** How long after its stamps a row may become visible and still be counted: W stays this far behind the start of a full scan. */
export const LATEST_COMMIT_MS = 600_000;
/** An item may be missed by full scans, but not for this long. */
const UNSEEN_MS = 3_600_000;
/** Stamps of one transaction may differ by this much, in either order. W begins with the whole seconds of a `Date`. */
const SLACK_MS = 1000;
/** An enqueue stamp this much later than the creation is not the first run's: that one follows within 0.15 s. */
const FIRST_ENQUEUE_MS = 10_000;
/** If the start of a wait is less certain than this, the wait is unknown. */
const KNOWN_WITHIN_MS = 60_000;
/** No lease ends, and no session ends and wakes up without a new stamp, so soon after a read that showed it at work. */
const SOON_MS = 10_000;
/**
 * A running item whose last sign of life is older than this is silent. Workers send a heartbeat every half lease, at most
 * every 30 s (docs/design/work-api.md#worker-cadence); where ids rotate, leases last 30 s.
 */
const SILENT_MS = { usual: 31_000, whereIdsRotate: 16_000 } as const;

/** A row and when it was read. `enqueuedAt` is null where the service means something else by `started_at`. */
interface Row extends Omit<WorkItem, 'id' | 'metadata' | 'startedAt'> {
  readonly enqueuedAt: EpochMs | null;
  readonly at: EpochMs;
}

/**
 * The ledger after a finished read: each transition that the read shows is counted once, however often and in whatever order
 * its row is read. After a full scan, W advances.
 */
export function countRead(ledger: Ledger, { sightings, gone, fullScan }: LedgerRead, options: LedgerOptions): Ledger {
  const { startedAtIsEnqueueStamp, idsRotate = false, exemplars } = options;
  const items = new Map(ledger.items);
  let { totals, clamped } = ledger;
  for (const { item, at } of sightings) {
    const row = rowOf(item, startedAtIsEnqueueStamp ? item.startedAt : null, at);
    const key = ledgerKey(item, idsRotate);
    const before = items.get(key) ?? takenFrom(items, ledgerKey(item, !idsRotate));
    // An id that has left the list and comes back with a later creation is another item.
    const known = before?.gone && isLater(row.createdAt, before.createdAt) ? undefined : before;
    if (known === undefined && row.state === 'stopped' && lastTransition(row) <= ledger.settledUntil) continue;
    const was = known ?? unseen(row, ledger);
    const state = known === undefined ? stateByStamps(row) : row.state;
    // Without a known state it is unclear whether a run ended or the item waits again: the next row that shows one decides.
    const seen =
      state === 'other'
        ? null
        : seeing(was, { ...row, state }, ledger.settledUntil - (known === undefined ? SLACK_MS : 0));
    if (seen === null) {
      items.set(key, { ...was, gone: false, ...(state === 'other' && { seenAt: at }) });
      continue;
    }
    items.set(key, { ...seen.item, silent: isRunning(state) && isSilent(row, idsRotate) });
    if (seen.events === null) continue;
    const added = addEvents(totals, seen.events, { item, exemplars });
    totals = added.totals;
    clamped += added.clamped;
  }
  for (const id of gone) {
    const known = items.get(id);
    if (known !== undefined) items.set(id, { ...known, gone: true });
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

function rowOf(item: WorkItem, enqueuedAt: EpochMs | null, at: EpochMs): Row {
  const { type, state, sessionId, createdAt, acknowledgedAt, latestHeartbeatAt, stopRequestedAt, stoppedAt } = item;
  const stamps = { createdAt, enqueuedAt, acknowledgedAt, latestHeartbeatAt, stopRequestedAt, stoppedAt };
  return { type, state, sessionId, ...stamps, at };
}

/** Whether `after` counts anything that `before` did not: then it must be on the disk before it is published. */
export function hasCounted(before: Ledger, after: Ledger): boolean {
  return after.totals !== before.totals || after.clamped !== before.clamped;
}

/** Advances W after a full scan and forgets what has become history. */
function settled(ledger: Ledger, { startedAt, pages, truncated }: FullScanEnd): Ledger {
  const settledUntil = Math.max(ledger.settledUntil, startedAt - LATEST_COMMIT_MS);
  // A live item that has left the list is not forgotten at once: if it comes back, it must not count as requeued.
  const isForgotten = (item: LedgerItem) =>
    item.state === 'stopped' || ((item.gone || !truncated) && item.seenAt < settledUntil - UNSEEN_MS);
  const kept = [...ledger.items].filter(([, item]) => lastTransition(item) > settledUntil || !isForgotten(item));
  const provenFullScans = truncated ? 0 : Math.min(2, ledger.provenFullScans + (pages === 1 ? 2 : 1));
  return { ...ledger, items: new Map(kept), settledUntil, provenFullScans };
}

/** What would be known of an item that no read has shown, if one had just before W: its stamps up to W, which are history. */
function unseen(row: Row, { settledUntil, provenFullScans }: Ledger): LedgerItem {
  const allLiveKnown = provenFullScans >= 2;
  const { createdAt, sessionId } = row;
  const isFirstRun = createdAt !== null && row.enqueuedAt !== null && row.enqueuedAt - createdAt <= FIRST_ENQUEUE_MS;
  const known = (stamp: EpochMs | null, until = settledUntil) => (stamp !== null && stamp <= until ? stamp : null);
  const [enqueuedAt, acknowledgedAt, stoppedAt] = [
    known(row.enqueuedAt),
    known(row.acknowledgedAt),
    known(row.stoppedAt),
  ];
  // Once every live item is known, an unknown one from before W had stopped and was forgotten.
  const isNews =
    row.state === 'queued' || isLater(row.acknowledgedAt, settledUntil) || isLater(row.stoppedAt, settledUntil);
  const isOld = known(createdAt) !== null && !isFirstRun;
  const wasForgotten = isOld && (isLater(row.enqueuedAt, settledUntil) || (allLiveKnown && isNews));
  // It may have been queued again before W, where no stamp tells.
  const mayWait = row.state === 'queued' && row.enqueuedAt === null;
  const isEnded = stoppedAt !== null && !isLater(acknowledgedAt, stoppedAt) && !isLater(enqueuedAt, stoppedAt);
  const wasRunning =
    acknowledgedAt !== null && !isLater(enqueuedAt, acknowledgedAt + SLACK_MS) && row.state !== 'queued';
  const state = wasForgotten || (isEnded && !mayWait) ? 'stopped' : wasRunning ? 'active' : 'queued';
  return {
    state,
    sessionId,
    createdAt: known(createdAt, settledUntil - (allLiveKnown && isFirstRun ? SLACK_MS : 0)),
    enqueuedAt,
    acknowledgedAt,
    stopRequestedAt: known(row.stopRequestedAt),
    // A forgotten stop is not the one that the row shows.
    stoppedAt: wasForgotten ? (stoppedAt ?? createdAt) : stoppedAt,
    runAcknowledgedAt: state === 'active' ? acknowledgedAt : null,
    queuedSince: state === 'queued' ? firstWait(row, enqueuedAt, settledUntil) : null,
    deliveries: state === 'active' ? 1 : 0,
    begun: state === 'active' && hasBegun(row),
    silent: false,
    enqueueStampDue: false,
    seenAt: createdAt ?? 0,
    gone: false,
  };
}

/** Since when an item has waited that was waiting at W, or was created since. */
function firstWait(row: Row, enqueuedAt: EpochMs | null, settledUntil: EpochMs): QueuedSince | null {
  const { createdAt } = row;
  if (enqueuedAt !== null) return { at: Math.max(enqueuedAt, createdAt ?? 0), slackMs: 0 };
  if (createdAt === null) return null;
  // One from before W may have had earlier runs that its stamps no longer show.
  return createdAt > settledUntil ? { at: createdAt, slackMs: 0 } : between(createdAt, acknowledgedAtOf(row) ?? row.at);
}

/** An item in an unknown state counts as stopped if its stop is the last of its stamps: as a live one it would seem requeued. */
function stateByStamps({ state, stoppedAt, acknowledgedAt, enqueuedAt }: Row): Row['state'] {
  if (state !== 'other' || stoppedAt === null) return state;
  return isLater(acknowledgedAt, stoppedAt) || isLater(enqueuedAt, stoppedAt) ? state : 'stopped';
}

/** What is known of an item after a row of it, and what that shows; null if a copy of the API has answered that lags. */
function seeing(
  known: LedgerItem,
  row: Row,
  after: EpochMs,
): { readonly item: LedgerItem; readonly events: ItemEvents | null } | null {
  if (isOutdated(known, row)) return null;
  const isCreated = known.createdAt === null && isLater(row.createdAt, after);
  const isAcknowledged = isNew(row.acknowledgedAt, known.acknowledgedAt);
  // Each run has its own enqueue stamp. With the same one, a later stop is another date for the stop that is known.
  const isSameStamp = row.enqueuedAt !== null && row.enqueuedAt === known.enqueuedAt && !known.enqueueStampDue;
  const isSameRun = isSameStamp && !isAcknowledged;
  const isSameStop = isSameRun && known.state === 'stopped' && known.stoppedAt !== null && row.state === 'stopped';
  const isStopped = isNew(row.stoppedAt, known.stoppedAt) && !isSameStop;
  const isNewRun = beginsRun(known, row, { isAcknowledged, isStopped });
  const requeued = isNewRun && (known.state === 'stopped' || (isStopped && row.state !== 'stopped'));
  const lapsed = isNewRun && !requeued;
  // A run that was seen without its acknowledgement may have been acknowledged before W.
  const isHistory = isRunning(known.state) && !isLater(row.acknowledgedAt, after);
  // A heartbeat may stamp the acknowledgement of the same run again.
  const acknowledged = isAcknowledged && (isNewRun || (known.runAcknowledgedAt === null && !isHistory));
  const running = isRunning(row.state);
  const queuedSince = queuedSinceOf(known, row, isNewRun);
  const runAt = isStopped ? runThatStopped(known, row, { isNewRun, isAcknowledged }) : null;
  const runMs = runAt === null ? null : row.stoppedAt! - runAt;
  const wasBegun = !isNewRun && known.begun;
  const begun = running && (wasBegun || hasBegun(row));
  // After a lapse, the run that has ended is a later one than the one that was known.
  const endsUnseen = runMs !== null && (!known.begun || lapsed);
  const events: ItemEvents = {
    created: isCreated,
    acknowledged,
    stopped: isStopped,
    requeued,
    lapsed,
    lost: lapsed && known.silent ? (known.runAcknowledgedAt ?? known.seenAt) : null,
    begun: Number(begun && !wasBegun) + Number(endsUnseen),
    waitMs: acknowledged ? waitOf(known, row, { isNewRun, queuedSince }) : null,
    runMs,
    stopMs: isStopped ? stopOf(known, row) : null,
  };
  const isQuiet = !isCreated && !isNewRun && !acknowledged && !isStopped && events.begun === 0;
  const runAcknowledgedAt = isNewRun ? row.acknowledgedAt : (known.runAcknowledgedAt ?? row.acknowledgedAt);
  const item: LedgerItem = {
    state: row.state,
    sessionId: known.sessionId ?? row.sessionId,
    createdAt: known.createdAt ?? row.createdAt,
    enqueuedAt: laterOf(row.enqueuedAt, known.enqueuedAt),
    acknowledgedAt: laterOf(row.acknowledgedAt, known.acknowledgedAt),
    stopRequestedAt: laterOf(row.stopRequestedAt, known.stopRequestedAt),
    stoppedAt: laterOf(row.stoppedAt, known.stoppedAt),
    runAcknowledgedAt: running ? runAcknowledgedAt : null,
    queuedSince,
    deliveries:
      row.state === 'stopped' ? 0 : deliveriesOf(known, { requeued, lapsed, begins: acknowledged && running }),
    begun,
    silent: known.silent,
    enqueueStampDue: !isLater(row.enqueuedAt, known.enqueuedAt) && (isNewRun || known.enqueueStampDue),
    seenAt: row.at,
    gone: false,
  };
  return { item, events: isQuiet ? null : events };
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
  const hasNews =
    isLater(row.enqueuedAt, known.enqueuedAt) ||
    isLater(row.acknowledgedAt, known.acknowledgedAt) ||
    isLater(row.stoppedAt, known.stoppedAt);
  if (hasNews) return false;
  const isEarlier = (stamp: EpochMs | null, than: EpochMs | null) => stamp !== null && isLater(than, stamp);
  if (isEarlier(row.acknowledgedAt, known.acknowledgedAt) || isEarlier(row.stoppedAt, known.stoppedAt)) return true;
  if (isRunning(row.state) && known.state === 'stopped') return true;
  // The run that this stop ended was not the last one.
  if (row.state === 'stopped') return known.state !== 'stopped' && row.stoppedAt !== null;
  // A run that has ended since: only a later sign of life would mean that the worker still has it.
  if (isRunning(row.state) && known.state === 'queued')
    return row.acknowledgedAt !== null && known.acknowledgedAt !== null && (row.latestHeartbeatAt ?? 0) <= known.seenAt;
  if (row.state !== 'queued' || row.enqueuedAt === null || known.silent || row.at - known.seenAt > SOON_MS)
    return false;
  // It waits without the known acknowledgement or stop, although such a service shows another enqueue stamp, at least soon.
  const lacksEnd = known.state === 'stopped' && known.stoppedAt !== null && row.stoppedAt === null;
  return lacksEnd || (known.runAcknowledgedAt !== null && row.acknowledgedAt === null);
}

function queuedSinceOf(known: LedgerItem, row: Row, isNewRun: boolean): QueuedSince | null {
  const { enqueuedAt, createdAt, at } = row;
  const acknowledgedAt = acknowledgedAtOf(row);
  if (enqueuedAt !== null && isLater(enqueuedAt, known.enqueuedAt) && !isBefore(acknowledgedAt, enqueuedAt)) {
    return { at: Math.max(enqueuedAt, createdAt ?? 0), slackMs: 0 };
  }
  if (!isNewRun) return known.queuedSince;
  // The last read that still saw the earlier run is the best lower bound, unless its stop is known and later.
  const from = Math.max(known.seenAt, row.state === 'stopped' ? 0 : (row.stoppedAt ?? 0));
  return between(Math.min(from, acknowledgedAt ?? from), acknowledgedAt ?? at);
}

/** The wait that an acknowledgement ended; null for health checks, which nobody waits for. */
function waitOf(
  known: LedgerItem,
  row: Row,
  { isNewRun, queuedSince }: { readonly isNewRun: boolean; readonly queuedSince: QueuedSince | null },
): ItemEvents['waitMs'] {
  const acknowledgedAt = row.acknowledgedAt!;
  if (row.type !== 'session') return null;
  const isOfEarlierRun = isBefore(acknowledgedAt, row.enqueuedAt) || (isNewRun && row.state === 'queued');
  // It ended the known wait, or that of a run that came and went unseen.
  const from = known.state === 'queued' ? (known.queuedSince?.at ?? known.seenAt) : known.seenAt;
  const since = isOfEarlierRun ? between(from, acknowledgedAt) : queuedSince;
  return since === null || since.slackMs > KNOWN_WITHIN_MS ? 'unknown' : acknowledgedAt - since.at;
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

/**
 * A new run without a stop is either a lapse, or a session that ended and woke up between two reads: the stamps of both may
 * look alike. It is one more delivery only if the worker was already silent at the read before.
 */
function deliveriesOf(
  known: LedgerItem,
  { requeued, lapsed, begins }: { readonly requeued: boolean; readonly lapsed: boolean; readonly begins: boolean },
): number {
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

/** The acknowledgement of the present run; null while the item waits. */
function acknowledgedAtOf({ state, acknowledgedAt }: Row): EpochMs | null {
  return state === 'queued' ? null : acknowledgedAt;
}

/** Whether a stamp is of a run before that of the enqueue stamp: rows may still show stamps of the previous run. */
function isBefore(stamp: EpochMs | null, enqueuedAt: EpochMs | null): boolean {
  return stamp !== null && enqueuedAt !== null && enqueuedAt > stamp + SLACK_MS;
}

/** A wait that began at `at` or later, but before `before`. */
function between(at: EpochMs, before: EpochMs): QueuedSince {
  return { at, slackMs: Math.max(0, before - at) };
}

/** Whether a stamp is later than the known one, and not the same one with the fraction of its second. */
function isNew(stamp: EpochMs | null, known: EpochMs | null): boolean {
  return isLater(stamp, known) && !(known !== null && known % 1000 === 0 && stamp - known < 1000);
}

/** Whether there is a stamp, and it is after the other one, which may be missing. */
function isLater(stamp: EpochMs | null, than: EpochMs | null): stamp is EpochMs {
  return stamp !== null && (than === null || stamp > than);
}

function laterOf(a: EpochMs | null, b: EpochMs | null): EpochMs | null {
  return isLater(a, b) ? a : b;
}
