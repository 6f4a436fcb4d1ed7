import { ALWAYS, BATCH, only, PROD, PROD_ARRIVALS } from './plans.ts';
import type { Scenario, WorkerFleet } from './scenario.ts';

/** Nobody restarts a worker. */
const FOR_GOOD = [10 * 86_400, 10 * 86_400] as const;
/** Long enough for a gap between heartbeats. */
const LONG_RUNS = { workers: 12, runSeconds: [150, 400], bootSeconds: [0.1, 0.3] } as const satisfies WorkerFleet;

/** How fleets die, how their items get lost, and what looks similar but is normal. */
export const WORKER_SCENARIOS: readonly Scenario[] = [
  {
    name: 'no-workers-anywhere',
    happens: 'Work arrives in every environment and nobody polls.',
    expect: 'As no-workers in each of them; from six environments on AnthropicWorkNoWorkersAnywhere pages instead.',
    plans: [{ phases: [{ seconds: ALWAYS, arrivals: { perMinute: 4, atOnce: 3 }, fleets: [] }] }],
    warmUpSeconds: 60,
  },
  {
    name: 'fleet-dies',
    happens: 'Half a minute into the scenario all workers of prod die, most of them in the middle of a run.',
    expect: 'Heartbeats get stale, leases lapse and nobody polls: AnthropicWorkNoWorkers pages.',
    plans: only({
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
    happens: 'All workers of prod live for 25 seconds, die with what they serve, and start again after five minutes.',
    expect: 'For moments the fleet looks alive: one AnthropicWorkNoWorkers that stays until the loop ends.',
    plans: only({
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
    happens: 'Every worker of prod dies in the middle of every run; its item comes back when the lease has lapsed.',
    expect:
      'Items are taken at once and none ever finishes, and a lapse stamps them anew, so nothing looks old: AnthropicWorkLeasesLapsing pages.',
    plans: only({
      phases: [
        {
          seconds: ALWAYS,
          arrivals: { perMinute: 3, atOnce: 4 },
          fleets: [{ ...PROD, workers: 20, trouble: { habit: 'dies-in-run', share: 1 }, restartSeconds: [5, 15] }],
        },
      ],
    }),
    warmUpSeconds: 60,
  },
  {
    name: 'no-first-heartbeat',
    happens: 'In a quarter of the runs of prod the sandbox dies before the first heartbeat; the lease lapses.',
    expect: 'Items are starting for five minutes and come back: AnthropicWorkItemStuck, a warning that names the cure.',
    plans: only({
      phases: [
        {
          seconds: ALWAYS,
          arrivals: PROD_ARRIVALS,
          fleets: [{ ...PROD, trouble: { habit: 'dies-after-ack', share: 0.25 }, restartSeconds: [5, 15] }],
        },
      ],
    }),
    warmUpSeconds: 60,
  },
  {
    name: 'stuck-starting',
    happens: 'As no-first-heartbeat in a tenth of the runs, and such an item stays `starting` for good.',
    expect: 'More and more items are starting and never offered again: AnthropicWorkItemStuck, a warning.',
    plans: only({
      phases: [
        {
          seconds: ALWAYS,
          arrivals: PROD_ARRIVALS,
          fleets: [{ ...PROD, trouble: { habit: 'dies-after-ack', share: 0.1 }, restartSeconds: [5, 15] }],
        },
      ],
    }),
    warmUpSeconds: 60,
    startingLapses: false,
  },
  {
    name: 'official-workers',
    happens:
      'In every fifth run a heartbeat hangs: for 90 seconds in prod, as in JavaScript and Python, for 151 in staging, as in Go. In batch, workers that are asked to stop finish their tool first, for up to three minutes without a heartbeat, as in Python.',
    expect: 'Heartbeats are late and items are stopping for minutes, as with healthy workers: no alert fires.',
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
