import { ALWAYS, only, PROD } from './plans.ts';
import type { Scenario } from './scenario.ts';

/** How healthy workers look that are few, slow, or written without the SDK's loop. */
export const NORMAL_SCENARIOS: readonly Scenario[] = [
  {
    name: 'long-runs',
    happens: 'Each run of prod takes a quarter of an hour or more; the workers keep up.',
    expect: 'Hardly anybody polls and every running item has fresh heartbeats: no alert fires.',
    plans: only({
      phases: [
        {
          seconds: ALWAYS,
          arrivals: { perMinute: 0.4 },
          fleets: [{ ...PROD, workers: 16, runSeconds: [900, 1500] }],
        },
      ],
    }),
    warmUpSeconds: 1800,
  },
  {
    name: 'half-fleet',
    happens: 'Eight of the twelve workers of prod are gone, at an hour without work.',
    expect: 'Nothing waits, but fewer workers live than before: AnthropicWorkWorkersBelowMinimum if a minimum is set.',
    plans: only({
      phases: [{ seconds: ALWAYS, arrivals: { perMinute: 0 }, fleets: [{ ...PROD, workers: 4 }] }],
    }),
    warmUpSeconds: 300,
  },
  {
    name: 'rolling-restart',
    happens: 'Every two minutes all workers of prod end what they serve and start again at once under new names.',
    expect: 'Names of workers change, work goes on: no alert fires.',
    plans: only({
      phases: [
        { seconds: 120, arrivals: { perMinute: 5 }, fleets: [PROD] },
        { seconds: 120, fleets: [{ ...PROD, workers: 11 }] },
      ],
    }),
    warmUpSeconds: 300,
  },
  {
    name: 'direct-pollers',
    happens: 'The workers of prod poll without the loop of the SDK: they ask for a stop and never confirm it.',
    expect: 'More and more items are stopping, and nothing waits: AnthropicWorkItemStuck as information only.',
    plans: only({
      phases: [
        {
          seconds: ALWAYS,
          arrivals: { perMinute: 4 },
          fleets: [{ ...PROD, trouble: { habit: 'leaves-stopping', share: 1 } }],
        },
      ],
    }),
    warmUpSeconds: 300,
  },
];
