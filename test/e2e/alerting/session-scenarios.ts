import { type LiveScenario, plays, playsUntilStopped } from './live-scenario.ts';

/** A session is looked at from its first minute on, and may wait for five. */
const SESSIONS = { sessions: { after: '1m', interval: '1m' }, thresholds: { session_wait: '5m' } };

/** Workers that are alive while their work gets nowhere. */
export const SESSION_SCENARIOS: readonly LiveScenario[] = [
  {
    cause: 'result of a session rejected',
    exporter: 'one',
    settings: SESSIONS,
    steps: plays('wedged-session', 14),
    tells: [{ alert: 'SessionWaiting', severity: 'warning', evidence: 310, seenBy: 'sessions', overWithin: 14 }],
  },
  {
    cause: 'nobody approves',
    exporter: 'one',
    settings: SESSIONS,
    steps: plays('awaiting-approval', 14),
    tells: [{ alert: 'SessionWaiting', severity: 'warning', evidence: 310, seenBy: 'sessions', overWithin: 14 }],
  },
  {
    cause: 'session terminated, its item live',
    exporter: 'one',
    settings: SESSIONS,
    steps: plays('terminated-session', 19),
    tells: [{ alert: 'SessionEndedItemLive', severity: 'warning', evidence: 65, seenBy: 'sessions', overWithin: 14 }],
  },
  {
    cause: 'an item that kills its workers',
    exporter: 'one',
    settings: { thresholds: { redeliveries: 2 } },
    steps: playsUntilStopped('redelivery-loop', 26),
    // Three lives of up to 300 s, and a minute of lease after each: one of the three may end right after a read, and not be seen.
    tells: [{ alert: 'RedeliveryLoop', severity: 'warning', evidence: 1110, seenBy: 'list', overWithin: 14 }],
  },
  {
    cause: 'runs end at once',
    exporter: 'one',
    before: 'idle',
    steps: plays('stillborn', 15),
    tells: [{ alert: 'RunsTooShort', severity: 'warning', evidence: 120, seenBy: 'list', overWithin: 26 }],
  },
];
