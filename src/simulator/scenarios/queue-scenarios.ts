import { ALWAYS, BATCH, inProdOnly, PROD, PROD_ARRIVALS, QUIET, STEADY, WAKE } from './plans.ts';
import type { Scenario } from './scenario.ts';

/** How much work waits, who takes it, and what keeps it from being taken. */
export const QUEUE_SCENARIOS: readonly Scenario[] = [
  {
    name: 'steady',
    happens: 'Work arrives, workers take it within seconds and finish it.',
    expect:
      'Every environment is healthy: the oldest item is seconds old, workers poll or send heartbeats, no alert fires.',
    alone: {
      happens: 'Work arrives in prod, workers take it within seconds and finish it.',
      expect: 'prod is healthy: the oldest item is seconds old, workers poll or send heartbeats, no alert fires.',
    },
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
    expect: 'Depth jumps to about forty and drains within minutes; nothing pages, at most a warning that clears.',
    plans: inProdOnly({
      phases: [
        { seconds: 60, arrivals: { ...PROD_ARRIVALS, atOnce: 40 }, fleets: [PROD] },
        { seconds: 240, arrivals: PROD_ARRIVALS },
      ],
    }),
    warmUpSeconds: 360,
  },
  {
    name: 'saturated',
    happens: 'More work arrives in prod than its five workers can handle; all of them are busy for minutes at a time.',
    expect:
      'Depth and age grow and hardly any worker polls, but every running item has fresh heartbeats: all workers are alive, add more (AnthropicWorkOldestItemTooOld).',
    plans: inProdOnly({
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
    happens: 'Work arrives in prod and no worker polls.',
    expect: 'Depth and age grow, workers_polling is 0 and nothing runs: AnthropicWorkNoWorkers pages.',
    plans: inProdOnly({ phases: [{ seconds: ALWAYS, arrivals: { perMinute: 4, atOnce: 3 }, fleets: [] }] }),
    warmUpSeconds: 60,
  },
  {
    name: 'stale-heartbeats',
    happens:
      'Workers in prod hang after their first heartbeat; in batch, sessions are asked to stop after their worker is gone.',
    expect:
      'In prod, active items have had no heartbeat for over two minutes; in batch, items are stuck in stopping: AnthropicWorkHeartbeatsStale and AnthropicWorkItemStuck.',
    alone: {
      happens: 'Workers in prod hang after their first heartbeat.',
      expect: 'Active items have had no heartbeat for over two minutes: AnthropicWorkHeartbeatsStale.',
    },
    plans: [
      {
        phases: [
          {
            seconds: ALWAYS,
            arrivals: { perMinute: 1.5, atOnce: 4 },
            fleets: [
              { ...PROD, workers: 16, misbehaviour: { habit: 'stops-beating', share: 0.6 }, restartSeconds: [5, 15] },
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
            fleets: [{ ...BATCH, runSeconds: [30, 60], misbehaviour: { habit: 'stops-beating', share: 0.4 } }],
          },
        ],
        gracefulStopShare: 1,
      },
    ],
    warmUpSeconds: 60,
  },
  {
    name: 'leases-lapsing',
    happens: 'Half of the runs in prod kill their worker; the item returns to the queue when its lease ends.',
    expect:
      'Heartbeats go stale, items_lapsed_total rises and runs start over, while the queue still moves: AnthropicWorkRunsLost, a warning.',
    plans: inProdOnly({
      phases: [
        {
          seconds: ALWAYS,
          arrivals: { perMinute: 6 },
          fleets: [
            { ...PROD, workers: 10, misbehaviour: { habit: 'dies-in-run', share: 0.5 }, restartSeconds: [5, 15] },
          ],
        },
      ],
    }),
    warmUpSeconds: 240,
  },
  {
    name: 'stuck-pending',
    happens: 'Workers in prod keep dying between claim and acknowledgement.',
    expect: 'Pending stays above 0 and nothing is acknowledged, although workers poll: AnthropicWorkNoWorkers pages.',
    plans: inProdOnly({
      phases: [
        {
          seconds: ALWAYS,
          arrivals: { perMinute: 4, atOnce: 3 },
          fleets: [
            { ...PROD, workers: 6, misbehaviour: { habit: 'dies-before-ack', share: 1 }, restartSeconds: [4, 10] },
          ],
        },
      ],
    }),
    warmUpSeconds: 90,
  },
  {
    name: 'deploy',
    happens: 'Every five minutes all workers in prod leave for forty seconds and return under new names.',
    expect: 'A short dip in workers and a bump in depth; nothing pages.',
    plans: inProdOnly({
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
    happens: 'prod has no workers until work arrives; the autoscaler needs seventy seconds to start some.',
    expect:
      'It is fine to have no workers while the queue is empty; items wait about a minute, then run; nothing pages.',
    plans: inProdOnly({
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
    happens: 'The oldest item in prod is never handed out, but the items behind it are.',
    expect:
      'The age of the oldest item keeps growing while depth stays small and workers poll: AnthropicWorkOldestItemTooOld.',
    plans: inProdOnly({ ...STEADY[0]!, blockedHead: true }),
    warmUpSeconds: 120,
  },
];
