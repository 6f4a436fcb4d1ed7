import { type LiveScenario, plays, playsUntilStopped } from './live-scenario.ts';

/** Items in the hands of workers that die, hang or are never heard of. */
export const ITEM_SCENARIOS: readonly LiveScenario[] = [
  {
    cause: 'every run lapses, none finishes',
    exporter: 'one',
    before: 'idle',
    steps: plays('no-run-finishes', 20),
    // The first leases end after five minutes, the third one minute later.
    tells: [{ alert: 'LeasesLapsing', severity: 'critical', evidence: 480, seenBy: 'list', overWithin: 10 }],
    mayTell: ['StaleHeartbeats', 'LeasesLapsing'],
  },
  {
    cause: 'heartbeats stop',
    exporter: 'one',
    steps: plays('stale-heartbeats', 12),
    tells: [{ alert: 'StaleHeartbeats', severity: 'warning', evidence: 240, seenBy: 'list', overWithin: 13 }],
    mayTell: ['LeasesLapsing'],
  },
  {
    cause: 'sandboxes die before the first heartbeat',
    exporter: 'one',
    steps: plays('no-first-heartbeat', 18),
    tells: [
      { alert: 'ItemStuck', severity: 'warning', evidence: 300, seenBy: 'list', overWithin: 14 },
      // The last lapse is five minutes after the repair. For a quarter of an hour from then on, a session that wakes up
      // between two reads looks like one more, in one of seven plays.
      { alert: 'LeasesLapsing', severity: 'warning', evidence: 720, seenBy: 'list', overWithin: 27 },
    ],
  },
  {
    cause: 'items stay starting for good',
    exporter: 'one',
    steps: playsUntilStopped('stuck-starting', 14),
    tells: [{ alert: 'ItemStuck', severity: 'warning', evidence: 420, seenBy: 'list', overWithin: 11 }],
  },
  {
    cause: 'a run past its limit',
    exporter: 'one',
    settings: { thresholds: { state_age: { active: '6m' } }, sessions: { enabled: 'off' } },
    steps: plays('wedged-session', 14),
    tells: [{ alert: 'ItemStuck', severity: 'warning', evidence: 365, seenBy: 'list', overWithin: 8 }],
  },
];
