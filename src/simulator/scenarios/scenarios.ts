import { ExporterError } from '../../base/errors.ts';
import { NORMAL_SCENARIOS } from './normal-scenarios.ts';
import { ALWAYS, BATCH, only, PROD, PROD_ARRIVALS, QUIET, STEADY, WAKE } from './plans.ts';
import type { Scenario } from './scenario.ts';
import { SESSION_SCENARIOS } from './session-scenarios.ts';
import { WORKER_SCENARIOS } from './worker-scenarios.ts';

/** Every situation the simulator can play. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'steady',
    happens: 'Work arrives, workers take it within seconds and finish it.',
    expect:
      'Every environment is healthy: the oldest item is seconds old, workers poll or send heartbeats, no alert fires.',
    plans: STEADY,
    warmUpSeconds: 600,
  },
  {
    name: 'idle',
    happens: 'Nothing happens by itself: bring your own worker and add items with POST /_sim/items.',
    expect: 'Empty queues and no workers; no alert fires, because nothing waits.',
    plans: [QUIET],
    warmUpSeconds: 0,
  },
  {
    name: 'burst',
    happens: 'Every few minutes forty items arrive in prod at once.',
    expect: 'Depth jumps to about forty and drains within some minutes; no page, at most a warning that clears.',
    plans: only({
      phases: [
        { seconds: 60, arrivals: { ...PROD_ARRIVALS, atOnce: 40 }, fleets: [PROD] },
        { seconds: 240, arrivals: PROD_ARRIVALS },
      ],
    }),
    warmUpSeconds: 360,
  },
  {
    name: 'saturated',
    happens: 'More work arrives in prod than its five workers can do; all of them are busy for minutes.',
    expect:
      'Depth and age grow and hardly anybody polls, but every running item has fresh heartbeats: add workers, nobody is dead (AnthropicWorkSaturated).',
    plans: only({
      phases: [
        {
          seconds: ALWAYS,
          arrivals: { perMinute: 4, atOnce: 10 },
          fleets: [{ ...PROD, workers: 5, runSeconds: [150, 300] }],
        },
      ],
    }),
    warmUpSeconds: 240,
  },
  {
    name: 'no-workers',
    happens: 'Work arrives in prod and nobody polls.',
    expect: 'Depth and age grow, workers_polling is 0 and nothing runs: AnthropicWorkNoWorkers pages.',
    plans: only({ phases: [{ seconds: ALWAYS, arrivals: { perMinute: 4, atOnce: 3 }, fleets: [] }] }),
    warmUpSeconds: 60,
  },
  {
    name: 'stale-heartbeats',
    happens:
      'Workers of prod hang after the first heartbeat; in batch, sessions are asked to stop and their worker is gone.',
    expect:
      'Active items without a heartbeat for over two minutes in prod, and items stuck in stopping in batch: AnthropicWorkStaleHeartbeats and AnthropicWorkItemStuck.',
    plans: [
      {
        phases: [
          {
            seconds: ALWAYS,
            arrivals: { perMinute: 1.5, atOnce: 4 },
            fleets: [
              { ...PROD, workers: 16, trouble: { habit: 'stops-beating', share: 0.6 }, restartSeconds: [5, 15] },
            ],
          },
        ],
      },
      STEADY[1]!,
      {
        phases: [
          {
            seconds: ALWAYS,
            arrivals: { perMinute: 1, atOnce: 2 },
            fleets: [{ ...BATCH, runSeconds: [30, 60], trouble: { habit: 'stops-beating', share: 0.4 } }],
          },
        ],
        gracefulStopShare: 1,
      },
    ],
    warmUpSeconds: 60,
  },
  {
    name: 'leases-lapsing',
    happens: 'Workers of prod die in the middle of runs; leases are one minute, so the items come back.',
    expect: 'items_lapsed_total rises and runs start over: AnthropicWorkLeasesLapsing, while the queue still moves.',
    plans: only({
      phases: [
        {
          seconds: ALWAYS,
          arrivals: { perMinute: 6 },
          fleets: [{ ...PROD, workers: 10, trouble: { habit: 'dies-in-run', share: 0.5 }, restartSeconds: [5, 15] }],
        },
      ],
    }),
    warmUpSeconds: 240,
    leaseTtlSeconds: 60,
  },
  {
    name: 'stuck-pending',
    happens: 'Workers of prod die between claim and acknowledgement, again and again.',
    expect: 'Pending stays above 0 and the oldest item gets older although workers poll: AnthropicWorkPendingStuck.',
    plans: only({
      phases: [
        {
          seconds: ALWAYS,
          arrivals: { perMinute: 4, atOnce: 3 },
          fleets: [{ ...PROD, workers: 6, trouble: { habit: 'dies-before-ack', share: 1 }, restartSeconds: [4, 10] }],
        },
      ],
    }),
    warmUpSeconds: 90,
  },
  {
    name: 'deploy',
    happens: 'Every five minutes all workers of prod leave for forty seconds and come back under new names.',
    expect: 'A short dip in workers and a bump in depth; nothing pages.',
    plans: only({
      phases: [
        { seconds: 260, arrivals: PROD_ARRIVALS, fleets: [PROD] },
        { seconds: 40, fleets: [] },
      ],
      wake: WAKE,
    }),
    warmUpSeconds: 290,
  },
  {
    name: 'scale-to-zero',
    happens: 'prod has no workers until work comes; the autoscaler needs seventy seconds to start some.',
    expect: 'No workers while the queue is empty is fine; items wait about a minute, then run; nothing pages.',
    plans: only({
      phases: [
        { seconds: 150, arrivals: { perMinute: 0 }, fleets: [] },
        { seconds: 70, arrivals: { perMinute: 4, atOnce: 2 } },
        { seconds: 130, fleets: [{ ...PROD, workers: 6, runSeconds: [10, 30] }] },
        { seconds: 50, arrivals: { perMinute: 0 } },
      ],
    }),
    warmUpSeconds: 120,
  },
  {
    name: 'head-of-line',
    happens: 'The oldest item of prod is never handed out, the ones behind it are.',
    expect: 'The age grows without end while depth stays small and workers poll: AnthropicWorkHeadOfLineBlocked.',
    plans: only({ ...STEADY[0]!, blockedHead: true }),
    warmUpSeconds: 120,
  },
  ...WORKER_SCENARIOS,
  ...NORMAL_SCENARIOS,
  ...SESSION_SCENARIOS,
  {
    name: 'requeue-storm',
    happens: 'Nearly every session of prod gets new work seconds after it ended.',
    expect: 'items_requeued_total rises much faster than items_created_total; no items are lost or counted twice.',
    plans: only({
      phases: [{ seconds: ALWAYS, arrivals: { perMinute: 1, atOnce: 6 }, fleets: [{ ...PROD, runSeconds: [3, 10] }] }],
      wake: { share: 0.92, afterSeconds: [2, 10] },
    }),
    warmUpSeconds: 120,
  },
  {
    name: 'long-history',
    happens: 'prod lists a hundred thousand stopped items beside its live ones.',
    expect: 'The same as steady; a full read of the list takes a hundred requests, the reads between them a few.',
    plans: only({ ...STEADY[0]!, history: 100_000 }),
    warmUpSeconds: 300,
  },
  {
    name: 'auth-expired',
    happens: 'Every key was revoked.',
    expect: 'up is 0 everywhere with reason unauthorized: AnthropicWorkApiAuthFailing, one page and not one each.',
    plans: STEADY,
    warmUpSeconds: 300,
    faults: [{ kind: 'revoked' }],
  },
  {
    name: 'rate-limited',
    happens: 'Most requests get 429 with a Retry-After of fifteen seconds.',
    expect: 'The exporter slows down and keeps showing what it knows: AnthropicWorkApiRateLimited, a warning.',
    plans: STEADY,
    warmUpSeconds: 300,
    faults: [{ kind: 'status', status: 429, retryAfterSeconds: 15, probability: 0.8 }],
  },
  {
    name: 'api-down',
    happens: 'Every request gets 503.',
    expect:
      'up is 0 with reason server_error and the values disappear when they are stale: AnthropicWorkApiUnreachable.',
    plans: STEADY,
    warmUpSeconds: 300,
    faults: [{ kind: 'status', status: 503, shouldRetry: true }],
  },
  {
    name: 'flapping',
    happens: 'The workers of prod come and go every ninety seconds, and one request in five fails.',
    expect: 'Values jump, but alerts do not fire and clear in turn: either quiet or one alert that stays.',
    plans: only({
      phases: [
        { seconds: 90, arrivals: PROD_ARRIVALS, fleets: [PROD] },
        { seconds: 90, fleets: [] },
      ],
    }),
    warmUpSeconds: 170,
    faults: [{ kind: 'status', status: 500, probability: 0.2 }],
  },
  {
    name: 'clock-skew',
    happens: 'The clock of the API is ninety seconds ahead.',
    expect: 'Ages are right all the same, and api_clock_skew_seconds says 90: AnthropicWorkClockSkew, a warning.',
    plans: STEADY,
    warmUpSeconds: 300,
    skewSeconds: 90,
  },
];

export const SCENARIO_NAMES: readonly string[] = SCENARIOS.map((scenario) => scenario.name);

/** @throws UnknownScenarioError */
export function scenarioNamed(name: string): Scenario {
  const scenario = SCENARIOS.find((candidate) => candidate.name === name);
  if (scenario === undefined) throw new UnknownScenarioError(name);
  return scenario;
}

export class UnknownScenarioError extends ExporterError {
  constructor(name: string) {
    super('unknown_scenario', `There is no scenario named ${JSON.stringify(name)}`, {
      remedy: `Use one of: ${SCENARIO_NAMES.join(', ')}.`,
    });
  }
}
