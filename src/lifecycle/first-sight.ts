import type { EpochMs } from '../base/clock.ts';
import type { Ledger, LedgerItem, QueuedSince } from './ledger.ts';
import { acknowledgedAtOf, between, hasBegun, isLater, type Row, SLACK_MS } from './row.ts';

/** An enqueue stamp this much later than the creation is not the first run's: that one follows within 0.15 s. */
const FIRST_ENQUEUE_MS = 10_000;

/** What would be known of an item that no read has shown, if one had just before W: its stamps up to W, which are history. */
export function unseen(row: Row, { settledUntil, provenFullScans }: Ledger): LedgerItem {
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
export function stateByStamps({ state, stoppedAt, acknowledgedAt, enqueuedAt }: Row): Row['state'] {
  if (state !== 'other' || stoppedAt === null) return state;
  return isLater(acknowledgedAt, stoppedAt) || isLater(enqueuedAt, stoppedAt) ? state : 'stopped';
}
