import { ALWAYS, inProdOnly, PROD, STEADY } from './plans.ts';
import type { Scenario } from './scenario.ts';

/** What looks unusual and is normal: few or slow workers, workers without the SDK's loop, long lists, many requeues. */
export const NORMAL_SCENARIOS: readonly Scenario[] = [
  {
    name: 'long-runs',
    happens: 'Each run in prod takes a quarter of an hour or more; the workers keep up.',
    expect: 'Hardly any worker polls, but every running item has fresh heartbeats: no alert fires.',
    plans: inProdOnly({
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
    happens: 'Eight of the twelve workers in prod are gone, at a time without work.',
    expect:
      'Nothing waits, but fewer workers are alive than before: AnthropicWorkWorkersBelowMinimum, if a minimum is set.',
    plans: inProdOnly({
      phases: [{ seconds: ALWAYS, arrivals: { perMinute: 0 }, fleets: [{ ...PROD, workers: 4 }] }],
    }),
    warmUpSeconds: 300,
  },
  {
    name: 'rolling-restart',
    happens: 'Every two minutes all workers in prod stop their items and restart at once under new names.',
    expect: 'The names of workers change and work continues: no alert fires.',
    plans: inProdOnly({
      phases: [
        { seconds: 120, arrivals: { perMinute: 5 }, fleets: [PROD] },
        { seconds: 120, fleets: [{ ...PROD, workers: 11 }] },
      ],
    }),
    warmUpSeconds: 300,
  },
  {
    name: 'direct-pollers',
    happens: "The workers in prod poll without the SDK's loop: they request a stop and never confirm it.",
    expect: 'More and more items are in stopping, but nothing waits: AnthropicWorkItemStuck, for information only.',
    plans: inProdOnly({
      phases: [
        {
          seconds: ALWAYS,
          arrivals: { perMinute: 4 },
          fleets: [{ ...PROD, misbehaviour: { habit: 'leaves-stopping', share: 1 } }],
        },
      ],
    }),
    warmUpSeconds: 300,
  },
  {
    name: 'requeue-storm',
    happens: 'Nearly every session in prod gets new work within seconds of ending.',
    expect: 'items_requeued_total rises much faster than items_created_total; no item is lost or counted twice.',
    plans: inProdOnly({
      phases: [{ seconds: ALWAYS, arrivals: { perMinute: 1, atOnce: 6 }, fleets: [{ ...PROD, runSeconds: [3, 10] }] }],
      wake: { share: 0.92, afterSeconds: [2, 10] },
    }),
    warmUpSeconds: 120,
  },
  {
    name: 'long-history',
    happens: 'The list of prod has a hundred thousand stopped items in addition to the live ones.',
    expect: 'The same as in steady; a full scan of the list takes a hundred requests, the scans in between only a few.',
    plans: inProdOnly({ ...STEADY[0]!, history: 100_000 }),
    warmUpSeconds: 300,
  },
];
