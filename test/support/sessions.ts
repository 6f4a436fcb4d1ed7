import type { EpochMs } from '../../src/base/clock.ts';
import type { SessionStatus, WaitReason } from '../../src/domain/work.ts';
import type { ObservedItem, SessionReading, SessionsState } from '../../src/state/environment-state.ts';
import { NO_SESSIONS } from '../../src/state/sessions.ts';
import { buildItem, NOW } from './states.ts';

/** When the runs of `longRun` were acknowledged. */
export const LONG_AGO: EpochMs = NOW - 7_205_000;

type Said = readonly [status: SessionStatus, reason?: WaitReason | null, since?: EpochMs | null];

/** Sessions as they were read five seconds before `NOW`, each of the run that `longRun` builds. */
export function buildSessions(
  said: Readonly<Record<string, Said>>,
  change: Partial<SessionsState> = {},
): SessionsState {
  const readings = Object.entries(said).map(([id, [status, reason = null, since = NOW - 5000]]) => {
    const reading: SessionReading = {
      acknowledgedAt: LONG_AGO,
      readAt: NOW - 5000,
      facts: { status, updatedAt: since ?? NOW - 5000 },
      idle: reason === null ? null : { reason, processedAt: since },
    };
    return [id, reading] as const;
  });
  return {
    ...NO_SESSIONS,
    attempted: true,
    longRuns: readings.length,
    readings: new Map(readings),
    lastReadAt: NOW - 5000,
    ...change,
  };
}

/** An item with a long run and fresh heartbeats; its session has the same id. */
export function longRun(id: string, change: Partial<ObservedItem> = {}): ObservedItem {
  const stamps = { acknowledgedAt: LONG_AGO, latestHeartbeatAt: NOW - 10_000 };
  return { ...buildItem(id, { state: 'active', sessionId: id, ...stamps }), ...change };
}
