import type { EpochMs } from '../base/clock.ts';
import type { WorkItem, WorkState } from '../domain/work.ts';

/** An item as a read showed it, and the API's time of that read. */
export interface Sighting {
  readonly item: WorkItem;
  readonly at: EpochMs;
}

/** When the wait of a run began, and by how many milliseconds it may have begun later; 0 if a stamp tells. */
export interface QueuedSince {
  readonly at: EpochMs;
  readonly slackMs: number;
}

/** What the ledger remembers of one item. Stamps are the largest seen so far: a repeated stamp is no event. */
export interface LedgerItem {
  readonly state: WorkState;
  readonly sessionId: string | null;
  readonly createdAt: EpochMs | null;
  readonly enqueuedAt: EpochMs | null;
  readonly acknowledgedAt: EpochMs | null;
  readonly stopRequestedAt: EpochMs | null;
  readonly stoppedAt: EpochMs | null;
  /** The first acknowledgement seen of the present run: some heartbeats stamp it again. Null while it waits. */
  readonly runAcknowledgedAt: EpochMs | null;
  readonly queuedSince: QueuedSince | null;
  /** Acknowledgements since its last stop, as far as reads showed them: more than 1 after a lapse. */
  readonly deliveries: number;
  /** Whether its present run has sent a heartbeat. */
  readonly begun: boolean;
  /** Whether it was running without a recent sign of life at the last read. */
  readonly silent: boolean;
  /** Whether the present run was recognized before its enqueue stamp appeared, so that the next enqueue stamp is its own. */
  readonly enqueueStampDue: boolean;
  /**
   * API time of the last read that showed it. Null: that of the ledger's last read, so that most reads change no item.
   */
  readonly seenAt: EpochMs | null;
  /** How many full scans have ended since `seenAt` without showing it, while that time seemed long past. */
  readonly unseen: number;
  /** Whether it has left the list: then it may be forgotten like a stopped item. */
  readonly gone: boolean;
}

/** The transitions that one sighting shows. Durations are in milliseconds and may be negative. */
export interface ItemEvents {
  readonly created?: true;
  readonly acknowledged?: true;
  readonly stopped?: true;
  readonly requeued?: true;
  readonly lapsed?: true;
  /**
   * The lapse came after silence, so its worker is gone: when the lost run was acknowledged. Without silence, a session may
   * have ended and woken up between two reads.
   */
  readonly lost?: EpochMs;
  /** How many runs are seen for the first time to have begun. */
  readonly begun?: number;
  /** `unknown`: the moment of queueing is uncertain by more than a minute. */
  readonly waitMs?: number | 'unknown';
  readonly runMs?: number;
  readonly stopMs?: number;
}

/** The events of a sighting that shows nothing new, as most do. */
export const NO_EVENTS: ItemEvents = {};

export interface Recognized {
  readonly item: LedgerItem;
  readonly events: ItemEvents;
}

/** Stamps of one transaction may differ by this much, in either order. */
export const STAMP_SLACK_MS = 1000;
/**
 * If the start of a wait is less certain than this, the wait is unknown: docs/design/counting.md#waits-runs-and-stops.
 */
const KNOWN_WITHIN_MS = 60_000;

/** Whether there is a stamp, and it is after the other one, which may be missing. */
export function isLater(stamp: EpochMs | null, than: EpochMs | null): stamp is EpochMs {
  return stamp !== null && (than === null || stamp > than);
}

/** The later of two stamps of which either may be missing. */
export function laterOf(a: EpochMs | null, b: EpochMs | null): EpochMs | null {
  return isLater(a, b) ? a : b;
}

/** The stamp of the moment of queueing; null if the row has none, or its service means something else by `started_at`. */
export function enqueueStampOf({ startedAt }: WorkItem, startedAtIsEnqueueStamp: boolean): EpochMs | null {
  return startedAtIsEnqueueStamp ? startedAt : null;
}

/** The largest stamp that decides whether an item is history; heartbeats are not transitions. */
export function lastTransition(item: {
  readonly createdAt: EpochMs | null;
  readonly acknowledgedAt: EpochMs | null;
  readonly stopRequestedAt: EpochMs | null;
  readonly stoppedAt: EpochMs | null;
  readonly enqueuedAt?: EpochMs | null;
}): EpochMs {
  const { createdAt, acknowledgedAt, stopRequestedAt, stoppedAt, enqueuedAt } = item;
  return Math.max(createdAt ?? 0, acknowledgedAt ?? 0, stopRequestedAt ?? 0, stoppedAt ?? 0, enqueuedAt ?? 0);
}

/** The wait that an acknowledgement ends; none for health checks, which nobody waits for. */
export function waitEvent(
  item: WorkItem,
  acknowledgedAt: EpochMs,
  since: QueuedSince | null,
): Pick<ItemEvents, 'waitMs'> {
  if (item.type !== 'session') return {};
  if (since === null || since.slackMs > KNOWN_WITHIN_MS) return { waitMs: 'unknown' };
  return { waitMs: acknowledgedAt - since.at };
}

/** A wait that began at `at` or later, but before `before`. */
export function queuedBetween(at: EpochMs, before: EpochMs): QueuedSince {
  return { at, slackMs: Math.max(0, before - at) };
}
