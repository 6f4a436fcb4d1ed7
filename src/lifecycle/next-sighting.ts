import type { EpochMs } from '../base/clock.ts';
import { isRunning, type WorkItem } from '../domain/work.ts';
import {
  type ItemEvents,
  isLater,
  type LedgerItem,
  laterOf,
  NO_EVENTS,
  type QueuedSince,
  queuedBetween,
  type Recognized,
  type Sighting,
  STAMP_SLACK_MS,
  waitEvent,
} from './ledger-item.ts';

/** How far off the known API time of a read may be. */
const UNCERTAIN_MS = 10_000;

/** What is new in a row, compared with everything seen of its item. */
interface News {
  /** Its creation, which earlier rows did not tell, is not history. */
  readonly created: boolean;
  readonly acknowledged: boolean;
  readonly stopped: boolean;
  /** A larger enqueue stamp that no recognized run is still missing. */
  readonly enqueued: boolean;
  readonly enqueuedAt: EpochMs | null;
  readonly newRun: boolean;
  /** An earlier row told that the item has stopped, and not when: this one tells more of the same stop. */
  readonly completed: boolean;
  /** When a read saw the item before. */
  readonly lastSeenAt: EpochMs;
}

export interface NextSightContext {
  /** History is settled up to this time: docs/design/counting.md#the-watermark-w. */
  readonly settledUntil: EpochMs;
  readonly startedAtIsEnqueueStamp: boolean;
  readonly lastSeenAt: EpochMs;
  /** As the ledger is to remember this sighting. */
  readonly seenAt: EpochMs | null;
}

/** What the new row of a known item says: each new stamp is one event, and a new run is a requeue or a lapse. */
export function nextSighting(known: LedgerItem, sighting: Sighting, context: NextSightContext): Recognized {
  const { item } = sighting;
  const news = newsOf(known, item, context);
  // A lagging copy of the API shows a run that has ended: nothing can be learned from it.
  if (known.state === 'stopped' && item.state !== 'stopped' && !news.newRun) return { item: known, events: NO_EVENTS };
  const queuedSince = nextQueuedSince(known, sighting, news);
  const isQuiet = !news.newRun && !news.created && !news.acknowledged && !news.stopped;
  const held = isRunning(item.state);
  const stampCame = isLater(news.enqueuedAt, known.enqueuedAt);
  return {
    events: isQuiet ? NO_EVENTS : eventsOf(known, sighting, { news, queuedSince }),
    item: {
      state: item.state,
      sessionId: known.sessionId ?? item.sessionId,
      createdAt: known.createdAt ?? item.createdAt,
      enqueuedAt: laterOf(news.enqueuedAt, known.enqueuedAt),
      acknowledgedAt: laterOf(item.acknowledgedAt, known.acknowledgedAt),
      stopRequestedAt: laterOf(item.stopRequestedAt, known.stopRequestedAt),
      stoppedAt: laterOf(item.stoppedAt, known.stoppedAt),
      runAcknowledgedAt: held
        ? news.newRun
          ? item.acknowledgedAt
          : (known.runAcknowledgedAt ?? item.acknowledgedAt)
        : null,
      queuedSince,
      deliveries: known.deliveries,
      silent: known.silent,
      enqueueStampDue: !stampCame && (news.newRun || known.enqueueStampDue),
      seenAt: context.seenAt,
      unseen: 0,
      gone: false,
    },
  };
}

function eventsOf(
  known: LedgerItem,
  sighting: Sighting,
  { news, queuedSince }: { news: News; queuedSince: QueuedSince | null },
): ItemEvents {
  const { item } = sighting;
  const requeued = known.state === 'stopped' || (news.stopped && item.state !== 'stopped');
  return {
    ...(news.created ? { created: true } : {}),
    ...(news.newRun ? (requeued ? { requeued: true } : { lapsed: true }) : {}),
    ...acknowledgement(known, sighting, { news, queuedSince }),
    ...(news.stopped ? { stopped: true, ...stop(known, item, news) } : {}),
  };
}

function newsOf(known: LedgerItem, item: WorkItem, context: NextSightContext): News {
  const { startedAtIsEnqueueStamp, settledUntil, lastSeenAt } = context;
  const enqueuedAt = startedAtIsEnqueueStamp ? item.startedAt : null;
  const acknowledged = isLater(item.acknowledgedAt, known.acknowledgedAt);
  const stopped = isLater(item.stoppedAt, known.stoppedAt);
  // The first enqueue stamp of an item says when it was queued, not that it was queued again.
  const enqueued = isLater(enqueuedAt, known.enqueuedAt) && known.enqueuedAt !== null && !known.enqueueStampDue;
  const waits = item.state === 'queued';
  const held = known.runAcknowledgedAt !== null;
  // The worker lost the item. Some services clear the stamp when an item is queued again, and that of the heartbeat, too.
  const cleared = held && item.acknowledgedAt === null && (waits || item.latestHeartbeatAt === null);
  const completed =
    known.state === 'stopped' && known.stoppedAt === null && item.state === 'stopped' && !isAfter(item, lastSeenAt);
  const newRun =
    enqueued ||
    (known.state === 'stopped' && !completed && (waits || acknowledged || stopped)) ||
    (isRunning(known.state) && waits) ||
    cleared ||
    // Without an enqueue stamp, the acknowledgement identifies the run; with one, heartbeats may stamp it again.
    (held && acknowledged && enqueuedAt === null) ||
    (known.state === 'queued' && waits && acknowledged) ||
    (stopped && item.state !== 'stopped');
  const created = known.createdAt === null && isLater(item.createdAt, settledUntil);
  return { created, acknowledged, stopped, enqueued, enqueuedAt, newRun, completed, lastSeenAt };
}

/** What happened after a read had shown an item as stopped is of another run, also where no row tells when one stopped. */
function isAfter({ acknowledgedAt, stoppedAt }: WorkItem, shownStoppedAt: EpochMs): boolean {
  return Math.max(acknowledgedAt ?? 0, stoppedAt ?? 0) > shownStoppedAt + UNCERTAIN_MS;
}

function nextQueuedSince(known: LedgerItem, { item, at }: Sighting, news: News): QueuedSince | null {
  const stampCame = isLater(news.enqueuedAt, known.enqueuedAt) ? news.enqueuedAt : null;
  const acknowledgedAt = item.state === 'queued' ? null : item.acknowledgedAt;
  if (stampCame !== null && (acknowledgedAt === null || stampCame <= acknowledgedAt + STAMP_SLACK_MS)) {
    return { at: stampCame, slackMs: 0 };
  }
  if (!news.newRun) return known.queuedSince;
  // The last read that still showed the earlier run is the best lower bound, unless its stop is known and later.
  const endedAt = item.state === 'stopped' ? null : item.stoppedAt;
  const from = Math.max(news.lastSeenAt, endedAt ?? 0);
  return queuedBetween(Math.min(from, acknowledgedAt ?? from), acknowledgedAt ?? at);
}

function acknowledgement(
  known: LedgerItem,
  { item }: Sighting,
  { news, queuedSince }: { news: News; queuedSince: QueuedSince | null },
): ItemEvents {
  const { acknowledgedAt } = item;
  if (!news.acknowledged || acknowledgedAt === null) return {};
  // A heartbeat stamped the acknowledgement of the same run again.
  if (!news.newRun && known.runAcknowledgedAt !== null) return {};
  const ofEarlierRun = news.newRun && (item.state === 'queued' || isOfEarlierRun(acknowledgedAt, news));
  if (!ofEarlierRun) return { acknowledged: true, ...waitEvent(item, acknowledgedAt, queuedSince) };
  // It ended the known wait, or that of a run that came and went unseen.
  const from = known.state === 'queued' ? (known.queuedSince?.at ?? news.lastSeenAt) : news.lastSeenAt;
  const since = queuedBetween(from, acknowledgedAt);
  return { acknowledged: true, ...waitEvent(item, acknowledgedAt, since) };
}

function stop(known: LedgerItem, item: WorkItem, news: News): Pick<ItemEvents, 'runMs' | 'stopMs'> {
  const { stoppedAt, stopRequestedAt } = item;
  if (stoppedAt === null) return {};
  const acknowledgedAt = acknowledgementOfStopped(known, item, news);
  const ended = item.state === 'stopped';
  const wasAskedBefore =
    isOfEarlierRun(stopRequestedAt, news) || (known.state === 'queued' && stopRequestedAt === known.stopRequestedAt);
  const asked = isLater(stopRequestedAt, known.stoppedAt) && (ended ? !wasAskedBefore : stopRequestedAt <= stoppedAt);
  return {
    ...(acknowledgedAt === null ? {} : { runMs: stoppedAt - acknowledgedAt }),
    ...(asked ? { stopMs: stoppedAt - stopRequestedAt } : {}),
  };
}

/** The acknowledgement of the run that the new stop ended, if a read ever showed it. */
function acknowledgementOfStopped(known: LedgerItem, item: WorkItem, news: News): EpochMs | null {
  const shown = news.acknowledged ? item.acknowledgedAt : null;
  if (item.state !== 'stopped') {
    return shown !== null && item.stoppedAt !== null && shown <= item.stoppedAt ? shown : known.runAcknowledgedAt;
  }
  if (news.completed && !news.newRun) return isOfEarlierRun(item.acknowledgedAt, news) ? null : item.acknowledgedAt;
  if (!news.newRun) return known.runAcknowledgedAt ?? shown;
  return shown === null || isOfEarlierRun(shown, news) ? null : shown;
}

/** A row may still show stamps of the previous run, especially when the item was stopped while it waited. */
function isOfEarlierRun(stamp: EpochMs | null, { enqueuedAt }: News): boolean {
  return stamp !== null && enqueuedAt !== null && enqueuedAt > stamp + STAMP_SLACK_MS;
}
