import type { EpochMs } from '../base/clock.ts';
import { type Exemplar, type Histogram, observe } from '../domain/histogram.ts';
import { isRunning, type WorkItem } from '../domain/work.ts';
import { stateByStamps, unseen } from './first-sight.ts';
import {
  type FullScanEnd,
  type Ledger,
  type LedgerItem,
  type LedgerOptions,
  type LedgerRead,
  type LifecycleTotals,
  type Losses,
  lastTransition,
  ledgerKey,
  type QueuedSince,
} from './ledger.ts';
import { acknowledgedAtOf, between, hasBegun, isBefore, isLater, type Row, rowOf, SLACK_MS } from './row.ts';

/** How long after its stamps a row may become visible and still be counted: W stays this far behind the start of a full scan. */
export const LATEST_COMMIT_MS = 600_000;
/** An item may be missed by full scans, but not for this long. */
const UNSEEN_MS = 3_600_000;
/** If the start of a wait is less certain than this, the wait is unknown. */
const KNOWN_WITHIN_MS = 60_000;
/** No lease ends, and no session ends and wakes up without a new stamp, so soon after a read that showed it at work. */
const SOON_MS = 10_000;
/**
 * A running item whose last sign of life is older than this is silent. Workers send a heartbeat every half lease, at most
 * every 30 s (docs/design/work-api.md#worker-cadence); where ids rotate, leases last 30 s.
 */
const SILENT_MS = { usual: 31_000, whereIdsRotate: 16_000 } as const;

/** Nothing waits or runs for more than a year: one of the two stamps is wrong, and would swamp the sum. */
const LONGEST_MS = 366 * 86_400_000;
/** A session that ends so soon after its acknowledgement has hardly done anything. */
const SHORT_RUN_MS = 5000;
/** More than this many losses without one good run say no more. */
const MOST_LOSSES = 100;
/** OpenMetrics 1.0 allows 128 characters for an exemplar's labels and values together. */
const MOST_EXEMPLAR_CHARACTERS = 128;
const EXEMPLAR_LABEL = 'work_id';
/** Prometheus takes a NUL as the end of the text and rejects the whole scrape; no real id has control characters. */
const CONTROL_CHARACTER = /\p{Cc}/u;

/** The transitions that one row shows. Durations are in milliseconds and may be negative. */
export interface ItemEvents {
  readonly created: boolean;
  readonly acknowledged: boolean;
  readonly stopped: boolean;
  readonly requeued: boolean;
  readonly lapsed: boolean;
  /**
   * The lapse came after silence, so its worker is gone: when the lost run was acknowledged. Without silence, a session may
   * have ended and woken up between two reads.
   */
  readonly lost: EpochMs | null;
  /** How many runs are seen for the first time to have begun. */
  readonly begun: number;
  /** `unknown`: the moment of queueing is uncertain by more than a minute. Null: no wait has ended. */
  readonly waitMs: number | 'unknown' | null;
  readonly runMs: number | null;
  readonly stopMs: number | null;
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

function laterOf(a: EpochMs | null, b: EpochMs | null): EpochMs | null {
  return isLater(a, b) ? a : b;
}

/** Whether a stamp is later than the known one, and not the same one with the fraction of its second. */
function isNew(stamp: EpochMs | null, known: EpochMs | null): boolean {
  return isLater(stamp, known) && !(known !== null && known % 1000 === 0 && stamp - known < 1000);
}

/** Adds the events of one row. Also returns how many durations were negative: they are observed as 0. */
function addEvents(
  totals: LifecycleTotals,
  events: ItemEvents,
  { item, exemplars }: { readonly item: WorkItem; readonly exemplars: boolean },
): { totals: LifecycleTotals; clamped: number } {
  const { created, acknowledged, stopped, requeued, lapsed, lost, begun } = events;
  const waitMs = possible(events.waitMs === 'unknown' ? null : events.waitMs);
  const [runMs, stopMs] = [possible(events.runMs), possible(events.stopMs)];
  const isSessionRun = item.type === 'session' && runMs !== null;
  const add = (histogram: Histogram, ms: number | null, endedAt: number | null): Histogram => {
    if (ms === null) return histogram;
    const seconds = Math.max(0, ms) / 1000;
    return observe(histogram, seconds, exemplars ? exemplarOf(item.id, seconds, endedAt) : null);
  };
  return {
    totals: {
      created: totals.created + Number(created),
      acknowledged: totals.acknowledged + Number(acknowledged),
      stopped: totals.stopped + Number(stopped),
      requeued: totals.requeued + Number(requeued),
      lapsed: totals.lapsed + Number(lapsed),
      lost: totals.lost + Number(lost !== null),
      begun: totals.begun + begun,
      waitUnknown: totals.waitUnknown + Number(events.waitMs !== null && waitMs === null),
      sessionRuns: totals.sessionRuns + Number(isSessionRun),
      shortSessionRuns: totals.shortSessionRuns + Number(isSessionRun && runMs < SHORT_RUN_MS),
      losses: lossesAfter(totals.losses, { lost, runMs, item }),
      wait: add(totals.wait, waitMs, item.acknowledgedAt),
      run: add(totals.run, runMs, item.stoppedAt),
      // Stops carry no exemplar: the run of the same item has one.
      stop: add(totals.stop, stopMs, null),
    },
    clamped: [waitMs, runMs, stopMs].filter((ms) => ms !== null && ms < 0).length,
  };
}

function lossesAfter(
  losses: Losses,
  { lost, runMs, item }: Pick<ItemEvents, 'lost' | 'runMs'> & { readonly item: WorkItem },
): Losses {
  // A health check needs no sandbox: it ends well where every session is lost.
  const isEnd = runMs !== null && item.stoppedAt !== null && item.type !== 'healthcheck';
  const endedWell = isEnd ? Math.max(losses.endedWell, item.stoppedAt - runMs) : losses.endedWell;
  const kept = losses.lost.filter((at) => at > endedWell);
  return { endedWell, lost: lost !== null && lost > endedWell ? [...kept, lost].slice(-MOST_LOSSES) : kept };
}

function possible(ms: number | null): number | null {
  return ms === null || Math.abs(ms) > LONGEST_MS ? null : ms;
}

function exemplarOf(id: string, seconds: number, endedAt: number | null): Exemplar | null {
  if (endedAt === null || EXEMPLAR_LABEL.length + id.length > MOST_EXEMPLAR_CHARACTERS) return null;
  if (CONTROL_CHARACTER.test(id)) return null;
  return { labels: { [EXEMPLAR_LABEL]: id }, value: seconds, timestampSeconds: endedAt / 1000 };
}
