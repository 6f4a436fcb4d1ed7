import { type LiveScenario, plays, playsUntilStopped } from './live-scenario.ts';

const NEVER_OLD = { warning: '2h', critical: 'never' };

/** Queues that grow, wait or are passed over while workers are there. */
export const QUEUE_SCENARIOS: readonly LiveScenario[] = [
  {
    cause: 'more work than workers, for too long',
    exporter: 'two',
    settings: { thresholds: { queue_age: { warning: '2m', critical: '4m' } } },
    steps: plays('saturated', 14),
    tells: [{ alert: 'OldestItemTooOld', severity: 'critical', evidence: 360 }],
    mayTell: ['OldestItemTooOld', 'Saturated'],
  },
  {
    cause: 'more work than workers',
    exporter: 'two',
    settings: { thresholds: { queue_age: { warning: '4m', critical: 'never' } } },
    steps: plays('saturated', 19),
    tells: [
      { alert: 'Saturated', severity: 'warning', evidence: 200, overWithin: 8 },
      { alert: 'OldestItemTooOld', severity: 'warning', evidence: 360, overWithin: 8 },
    ],
  },
  {
    cause: 'a deep backlog that grows',
    exporter: 'two',
    settings: { thresholds: { queue_age: NEVER_OLD, queue_depth: { warning: 5, critical: 12 } } },
    // As long as the backlog is deep, nothing is over: it is stopped.
    steps: playsUntilStopped('saturated', 24),
    tells: [
      { alert: 'Saturated', severity: 'warning', evidence: 30, overWithin: 8 },
      { alert: 'Saturated', severity: 'critical', evidence: 240 },
    ],
  },
  {
    cause: 'the oldest item is passed over',
    exporter: 'two',
    settings: { thresholds: { queue_age: { warning: '5m', critical: 'never' } } },
    steps: plays('head-of-line', 27),
    tells: [
      { alert: 'OldestItemTooOld', severity: 'warning', evidence: 600, overWithin: 8 },
      { alert: 'HeadOfLineBlocked', severity: 'warning', evidence: 910, overWithin: 8 },
    ],
  },
  {
    cause: 'workers die between claim and acknowledgement',
    exporter: 'behind',
    steps: plays('stuck-pending', 14),
    tells: [{ alert: 'NoWorkers', severity: 'critical', evidence: 360, overWithin: 8 }],
  },
  {
    cause: 'claimed and never acknowledged, patient environment',
    exporter: 'two',
    settings: { thresholds: { queue_age: NEVER_OLD } },
    steps: plays('stuck-pending', 16),
    tells: [{ alert: 'PendingStuck', severity: 'warning', evidence: 330, overWithin: 8 }],
  },
  {
    cause: 'fewer workers than configured, list read',
    exporter: 'two',
    settings: { thresholds: { min_workers: 8 } },
    steps: plays('half-fleet', 20),
    tells: [{ alert: 'WorkersBelowMinimum', severity: 'warning', evidence: 420, overWithin: 12 }],
  },
  {
    cause: 'fewer workers than configured, API key alone',
    exporter: 'two',
    keys: 'api-key',
    settings: { thresholds: { min_workers: 8 } },
    steps: plays('half-fleet', 22),
    tells: [{ alert: 'WorkersBelowMinimum', severity: 'warning', evidence: 640, overWithin: 12 }],
  },
  {
    cause: 'bursts that come again and again',
    exporter: 'two',
    settings: { thresholds: { queue_age: { warning: '2m', critical: 'never' } }, slo: { queue_wait_target: '2h' } },
    steps: [0, 20].flatMap((minute) => [
      { minute, act: (world) => world.play('saturated') },
      { minute: minute + 9, act: (world) => world.play('steady') },
    ]),
    tells: [{ alert: 'OldestItemTooOld', severity: 'warning', evidence: 180 }],
  },
];
