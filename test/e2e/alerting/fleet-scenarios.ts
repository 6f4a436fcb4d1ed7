import { fails, type LiveScenario, plays } from './live-scenario.ts';

/** Where the list or its lack of heartbeats shows that nobody lives, work that is older than half its limit of 5 min is enough. */
const PATIENCE = 150;
/** Stats alone: the limit, nobody polling for five minutes, and half a minute in which the API still counts the last poll. */
const STATS_ALONE = 330;

const NO_WORKERS = { alert: 'NoWorkers', severity: 'critical' } as const;
const gone = (minutes: number, scenario = 'no-workers') => plays(scenario, minutes);

/** Fleets that are gone, whatever is left to see of it. */
export const FLEET_SCENARIOS: readonly LiveScenario[] = [
  {
    cause: 'fleet stopped, list read',
    exporter: 'one',
    steps: gone(12),
    tells: [{ ...NO_WORKERS, evidence: PATIENCE }],
  },
  {
    cause: 'fleet killed in mid-run',
    exporter: 'one',
    steps: gone(12, 'fleet-dies'),
    tells: [{ ...NO_WORKERS, evidence: 30 + PATIENCE + 30, seenBy: 'list' }],
    mayTell: ['ItemStuck', 'StaleHeartbeats'],
  },
  {
    cause: 'fleet stopped, API key alone',
    exporter: 'two',
    keys: 'api-key',
    steps: gone(14),
    tells: [{ ...NO_WORKERS, evidence: STATS_ALONE }],
  },
  {
    cause: 'fleet stopped, worker count withheld',
    exporter: 'two',
    simulator: { switches: { workersPollingNull: true } },
    steps: gone(12),
    tells: [{ ...NO_WORKERS, evidence: PATIENCE }],
  },
  {
    cause: 'fleet stopped while the list fails',
    exporter: 'one',
    steps: fails({ kind: 'status', status: 500, endpoints: ['list'] }, 10, 'no-workers'),
    tells: [{ ...NO_WORKERS, evidence: STATS_ALONE }],
  },
  {
    cause: 'crash loop',
    // Not one that is restarted: on a busy machine its queue is still long then.
    exporter: 'three',
    steps: gone(16, 'crash-loop'),
    tells: [{ ...NO_WORKERS, evidence: 25 + PATIENCE + 30, seenBy: 'list' }],
    // Of what a worker held when it died, before or after its first heartbeat.
    mayTell: ['ItemStuck', 'StaleHeartbeats'],
  },
  {
    cause: 'fleet stopped, age withheld by the API',
    exporter: 'three',
    steps: fails({ kind: 'no_oldest' }, 12, 'no-workers'),
    tells: [{ ...NO_WORKERS, evidence: PATIENCE, seenBy: 'list' }],
  },
  {
    cause: 'fleet stopped, statistics from a cache',
    exporter: 'replicas',
    steps: fails({ kind: 'cached', ageSeconds: 60, endpoints: ['stats'] }, 12, 'no-workers'),
    // Two things are wrong.
    tells: [
      { ...NO_WORKERS, evidence: PATIENCE, seenBy: 'list' },
      { alert: 'EnvironmentNotVisible', severity: 'critical', evidence: 120 + 120 },
    ],
  },
  {
    cause: 'fleet stopped, then an API outage',
    exporter: 'two',
    steps: [
      { minute: 0, act: (world) => world.play('no-workers') },
      { minute: 7, act: (world) => world.fail({ kind: 'status', status: 503, shouldRetry: true }) },
      { minute: 10, act: (world) => world.fail() },
      { minute: 16, act: (world) => world.play('steady') },
    ],
    tells: [{ ...NO_WORKERS, evidence: PATIENCE }],
  },
  {
    cause: 'environment key revoked that workers share',
    exporter: 'behind',
    steps: fails({ kind: 'revoked', endpoints: ['list'] }, 12, 'no-workers'),
    tells: [{ alert: 'ApiAuthFailing', severity: 'critical', evidence: PATIENCE + 30 }],
  },
  {
    cause: 'seven fleets stopped at once',
    exporter: 'everywhere',
    environments: 7,
    // Two of the fleets have few workers. After 12 minutes they would work so long on what waits that its age still grows
    // when the page about them explains it no more: in half of such worlds that is a page of its own, and rightly so.
    steps: gone(8, 'no-workers-anywhere'),
    tells: [{ alert: 'NoWorkersAnywhere', severity: 'critical', evidence: PATIENCE }],
  },
  {
    cause: 'fleet stopped, exporter ten minutes ahead',
    exporter: 'ahead',
    steps: gone(12),
    tells: [{ ...NO_WORKERS, evidence: PATIENCE }],
  },
  {
    cause: 'fleet stopped, exporter ten minutes behind',
    exporter: 'behind',
    steps: gone(12),
    tells: [{ ...NO_WORKERS, evidence: PATIENCE }],
  },
  {
    cause: 'fleet stopped, a replica behind',
    exporter: 'replicas',
    steps: gone(12),
    tells: [{ ...NO_WORKERS, evidence: PATIENCE }],
  },
  {
    cause: 'fleet stopped at Qoder',
    exporter: 'three',
    keys: 'api-key',
    simulator: { preset: 'qoder' },
    steps: gone(12),
    tells: [{ ...NO_WORKERS, evidence: PATIENCE }],
  },
];
