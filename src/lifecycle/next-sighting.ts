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
import { isOfEarlierRun, type NextSightContext, newsOf, type SightingNews } from './sighting-news.ts';

/** What the new row of a known item says: each new stamp is one event, and a new run is a requeue or a lapse. */
export function nextSighting(known: LedgerItem, sighting: Sighting, context: NextSightContext): Recognized {
  const { item } = sighting;
  const news = newsOf(known, item, context);
  // A lagging copy of the API shows a run that has ended: nothing can be learned from it.
  if (known.state === 'stopped' && item.state !== 'stopped' && !news.newRun) return { item: known, events: NO_EVENTS };
  const queuedSince = nextQueuedSince(known, sighting, news);
  const isQuiet = !news.newRun && !news.created && !news.acknowledged && !news.stopped;
  const running = isRunning(item.state);
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
      runAcknowledgedAt: running
        ? news.newRun
          ? item.acknowledgedAt
          : (known.runAcknowledgedAt ?? item.acknowledgedAt)
        : null,
      queuedSince,
      deliveries: known.deliveries,
      begun: known.begun,
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
  { news, queuedSince }: { news: SightingNews; queuedSince: QueuedSince | null },
): ItemEvents {
  const { item } = sighting;
  const requeued = known.state === 'stopped' || (news.stopped && item.state !== 'stopped');
  return {
    ...(news.created ? { created: true } : {}),
    ...(news.newRun ? (requeued ? { requeued: true } : lapse(known, news)) : {}),
    ...acknowledgement(known, sighting, { news, queuedSince }),
    ...(news.stopped ? { stopped: true, ...stop(known, item, news) } : {}),
  };
}

function lapse(known: LedgerItem, { lastSeenAt }: SightingNews): Pick<ItemEvents, 'lapsed' | 'lost'> {
  return { lapsed: true, ...(known.silent ? { lost: known.runAcknowledgedAt ?? lastSeenAt } : {}) };
}

function nextQueuedSince(known: LedgerItem, { item, at }: Sighting, news: SightingNews): QueuedSince | null {
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
  { news, queuedSince }: { news: SightingNews; queuedSince: QueuedSince | null },
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

function stop(known: LedgerItem, item: WorkItem, news: SightingNews): Pick<ItemEvents, 'runMs' | 'stopMs'> {
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
function acknowledgementOfStopped(known: LedgerItem, item: WorkItem, news: SightingNews): EpochMs | null {
  const shown = news.hasNewAcknowledgement ? item.acknowledgedAt : null;
  if (item.state !== 'stopped') {
    return shown !== null && item.stoppedAt !== null && shown <= item.stoppedAt ? shown : known.runAcknowledgedAt;
  }
  if (news.datesKnownStop && !news.newRun)
    return isOfEarlierRun(item.acknowledgedAt, news) ? null : item.acknowledgedAt;
  if (!news.newRun) return known.runAcknowledgedAt ?? shown;
  return shown === null || isOfEarlierRun(shown, news) ? null : shown;
}
