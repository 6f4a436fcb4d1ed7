import type { SimEnvironment } from '../queue/sim-environment.ts';
import { isHeld } from '../queue/work-record.ts';
import type { Sessions, SimSessionStatus } from './sessions.ts';

/** The true state of the sessions of long runs, and of items that came back. */
export interface SessionTruth {
  /** Items whose run is older than the limit, by the status of their session. */
  readonly items: Readonly<Record<SimSessionStatus, number>>;
  /** The idle ones, by the stop reason of the last idle event. */
  readonly waiting: Readonly<Record<string, number>>;
  /** Since when the longest-waiting session has been idle, by reason, in the API's format. */
  readonly oldest_wait: Readonly<Record<string, string>>;
  /** The most acknowledgements of a live item since its last stop. */
  readonly deliveries_max: number;
  /** Live items that were acknowledged again at least as often as the limit. */
  readonly redelivered: number;
}

export interface SessionTruthLimits {
  /** Seconds since the acknowledgement after which a run counts as long. */
  readonly sessionsAfterSeconds: number;
  /** Acknowledgements beyond the first that make an item count as redelivered. */
  readonly redeliveries: number;
}

/** Defaults of `sessions.after` and `thresholds.redeliveries`: docs/configuration.md#sessions. */
export const DEFAULT_SESSION_LIMITS: SessionTruthLimits = { sessionsAfterSeconds: 600, redeliveries: 3 };

/** Counted from the items and their transcripts; `now` is the API's stamp. */
export function sessionTruth(
  sessions: Sessions,
  environment: SimEnvironment,
  { now, sessionsAfterSeconds, redeliveries }: SessionTruthLimits & { readonly now: number },
): SessionTruth {
  const items = { running: 0, idle: 0, terminated: 0 };
  const waiting: Record<string, number> = {};
  const oldest: Record<string, number> = {};
  let deliveriesMax = 0;
  let redelivered = 0;
  for (const work of environment.queue.all()) {
    if (work.state === 'stopped') continue;
    deliveriesMax = Math.max(deliveriesMax, work.acknowledgements);
    if (work.acknowledgements - 1 >= redeliveries) redelivered++;
    const { acknowledgedAt } = work;
    const isLong = isHeld(work) && acknowledgedAt !== null && now - acknowledgedAt > sessionsAfterSeconds * 1000;
    if (!isLong || work.type !== 'session') continue;
    const view = sessions.find(work.sessionId);
    const status = sessions.status(view);
    items[status]++;
    if (status !== 'idle') continue;
    const idle = sessions.transcript(work).last('session.status_idle');
    const reason = (idle?.event.stop_reason as { type: string } | undefined)?.type ?? 'other';
    waiting[reason] = (waiting[reason] ?? 0) + 1;
    if (idle !== null) oldest[reason] = Math.min(oldest[reason] ?? idle.at, idle.at);
  }
  const text = (at: number) => environment.queue.text(at);
  return {
    items,
    waiting,
    oldest_wait: Object.fromEntries(Object.entries(oldest).map(([reason, at]) => [reason, text(at)])),
    deliveries_max: deliveriesMax,
    redelivered,
  };
}
