import { ALWAYS, BATCH, inProdOnly, PROD, PROD_ARRIVALS } from './plans.ts';
import type { Scenario, WorkerFleet } from './scenario.ts';

/** Nobody restarts a worker. */
const FOR_GOOD = [10 * 86_400, 10 * 86_400] as const;
/** Long enough for a gap between heartbeats. */
const LONG_RUNS = { workers: 12, runSeconds: [150, 400], bootSeconds: [0.1, 0.3] } as const satisfies WorkerFleet;

/** How fleets die, how their items get lost, and what looks similar but is normal. */
export const WORKER_SCENARIOS: readonly Scenario[] = [
  {
    name: 'no-workers-anywhere',
    happens: 'Work arrives in every environment and no worker polls.',
    expect: 'Each environment looks as in no-workers; AnthropicWorkFleetsFailing pages once for all of them.',
    alone: {
      happens: 'Work arrives in prod and no worker polls.',
      expect: 'It looks as in no-workers: AnthropicWorkNoWorkers pages.',
    },
    plans: [{ phases: [{ seconds: ALWAYS, arrivals: { perMinute: 4, atOnce: 3 }, fleets: [] }] }],
    warmUpSeconds: 60,
  },
  {
    name: 'fleet-dies',
    happens: 'Half a minute into the scenario, all workers in prod die, most of them in the middle of a run.',
    expect: 'Heartbeats go stale, leases lapse and no worker polls: AnthropicWorkNoWorkers pages.',
    plans: inProdOnly({
      phases: [
        {
          seconds: ALWAYS,
          arrivals: { ...PROD_ARRIVALS, atOnce: 8 },
          fleets: [{ ...PROD, runSeconds: [60, 120], livesSeconds: [30, 31], restartSeconds: FOR_GOOD }],
        },
      ],
    }),
    warmUpSeconds: 40,
  },
  {
    name: 'crash-loop',
    happens: 'All workers in prod die after 25 seconds, in the middle of their runs, and restart five minutes later.',
    expect:
      'The fleet looks alive for a few seconds at a time: a single AnthropicWorkNoWorkers keeps firing until the loop ends.',
    plans: inProdOnly({
      phases: [
        {
          seconds: ALWAYS,
          arrivals: PROD_ARRIVALS,
          fleets: [{ ...PROD, runSeconds: [60, 120], livesSeconds: [25, 25], restartSeconds: [300, 300] }],
        },
      ],
    }),
    warmUpSeconds: 60,
  },
  {
    name: 'no-run-finishes',
    happens:
      'Every worker in prod dies in the middle of every run; its item returns to the queue when the lease lapses.',
    expect:
      'Items are claimed at once but none ever finishes. A lapse stamps them anew, so nothing looks old: AnthropicWorkRunsLost pages.',
    plans: inProdOnly({
      phases: [
        {
          seconds: ALWAYS,
          arrivals: { perMinute: 3, atOnce: 4 },
          fleets: [{ ...PROD, workers: 20, misbehaviour: { habit: 'dies-in-run', share: 1 }, restartSeconds: [5, 15] }],
        },
      ],
    }),
    warmUpSeconds: 60,
  },
  {
    name: 'no-first-heartbeat',
    happens: 'In a quarter of the runs in prod, the sandbox dies before the first heartbeat and the lease lapses.',
    expect:
      'Items stay in starting for five minutes, then return to the queue: AnthropicWorkItemStuck, a warning that says what to do.',
    plans: inProdOnly({
      phases: [
        {
          seconds: ALWAYS,
          arrivals: PROD_ARRIVALS,
          fleets: [{ ...PROD, misbehaviour: { habit: 'dies-after-ack', share: 0.25 }, restartSeconds: [5, 15] }],
        },
      ],
    }),
    warmUpSeconds: 60,
  },
  {
    name: 'stuck-starting',
    happens: 'As in no-first-heartbeat, but in a third of the runs, and the item stays in starting forever.',
    expect: 'More and more items are in starting and are never handed out again: AnthropicWorkItemStuck, a warning.',
    plans: inProdOnly({
      phases: [
        {
          seconds: ALWAYS,
          arrivals: PROD_ARRIVALS,
          fleets: [{ ...PROD, misbehaviour: { habit: 'dies-after-ack', share: 1 / 3 }, restartSeconds: [5, 15] }],
        },
      ],
    }),
    warmUpSeconds: 60,
    startingLapses: false,
  },
  {
    name: 'official-workers',
    happens:
      'In every fifth run a heartbeat hangs: for 90 seconds in prod (as in the JavaScript and Python SDKs), for 151 in staging (as in Go). In batch, workers that are asked to stop finish their tool call first, for up to three minutes without a heartbeat (as in Python).',
    expect:
      'Heartbeats are late and items stay in stopping for minutes, which is normal for healthy workers: no alert fires.',
    alone: {
      happens: 'In every fifth run in prod a heartbeat hangs for 90 seconds, as in the JavaScript and Python SDKs.',
      expect: 'Heartbeats are late, which is normal for healthy workers: no alert fires.',
    },
    plans: [
      {
        phases: [
          {
            seconds: ALWAYS,
            arrivals: { perMinute: 2 },
            fleets: [{ ...LONG_RUNS, hungHeartbeat: { share: 0.2, gapSeconds: [90, 90] } }],
          },
        ],
      },
      {
        phases: [
          {
            seconds: ALWAYS,
            // One at a time: two within the same minutes would be a reason to investigate.
            arrivals: { perMinute: 0.7 },
            fleets: [{ ...LONG_RUNS, hungHeartbeat: { share: 0.2, gapSeconds: [151, 151.5] } }],
          },
        ],
      },
      {
        phases: [
          { seconds: ALWAYS, arrivals: { perMinute: 1 }, fleets: [{ ...BATCH, finishesToolSeconds: [70, 180] }] },
        ],
        gracefulStopShare: 0.5,
      },
    ],
    warmUpSeconds: 300,
  },
];
