import type { Healthy, Trouble } from './trouble.ts';

/** As many items as the fleet takes within so many minutes, beside what arrives all the time. */
function takenWithin({ fleet, perMinute }: Healthy, minutes: number): number {
  const perRun = (fleet.runSeconds[0] + fleet.runSeconds[1]) / 2 + fleet.bootSeconds[1];
  return Math.floor(minutes * ((60 * fleet.workers) / perRun - perMinute));
}

/** What looks like trouble in a queue, and what somebody did to it: worth a ticket at most. */
export const QUEUE_TROUBLES: Readonly<Record<string, Trouble>> = {
  'a deployment of the workers': {
    phases: ({ fleet }) => [
      { seconds: 75, fleets: [] },
      { seconds: 0, fleets: [fleet] },
    ],
    page: null,
  },
  'a rollout of one worker after the other': {
    phases: ({ fleet }) =>
      Array.from({ length: 8 }, (_, number) => ({
        seconds: 60,
        fleets: [{ ...fleet, workers: Math.max(1, Math.ceil((fleet.workers * (8 - (number % 2))) / 8)) }],
      })),
    page: null,
  },
  'bursts of a round of work': {
    arrivals: ({ fleet, perMinute }) => ({ perMinute, together: fleet.workers }),
    page: null,
    mayTicket: ['Saturated', 'OldestItemTooOld'],
  },
  'bursts of eight minutes, every half hour': {
    minutes: 150,
    phases: (healthy) =>
      Array.from({ length: 5 }, (_, number) => ({
        seconds: number < 4 ? 1800 : 0,
        arrivals: { perMinute: healthy.perMinute, atOnce: takenWithin(healthy, 8) },
      })),
    page: null,
    mayTicket: ['Saturated', 'OldestItemTooOld', 'WaitBudgetBurn'],
    isOneTicket: true,
  },
  'a nightly batch that takes an hour and a half': {
    minutes: 120,
    arrivals: (healthy) => ({ perMinute: healthy.perMinute, atOnce: takenWithin(healthy, 90) }),
    settings: { thresholds: { queue_age: { warning: '2h', critical: '4h' } } },
    page: null,
  },
  'workers scale from zero': {
    phases: ({ fleet, perMinute }) =>
      [1, 2].flatMap(() => [
        { seconds: 300, arrivals: { perMinute: 0 }, fleets: [] },
        { seconds: 90, arrivals: { perMinute, atOnce: 2 }, fleets: [] },
        { seconds: 300, arrivals: { perMinute }, fleets: [fleet] },
      ]),
    page: null,
  },
  'a batch that may wait for hours': {
    phases: ({ fleet, perMinute }) => [
      {
        seconds: 0,
        arrivals: { perMinute, atOnce: 60 },
        fleets: [{ ...fleet, workers: Math.max(1, Math.ceil(fleet.workers / 2)) }],
      },
    ],
    settings: { thresholds: { queue_age: { warning: '2h', critical: '4h' } } },
    page: null,
  },
  'an environment is archived': { does: 'archive', page: null, mayTicket: ['EnvironmentArchived'], lasts: true },
  'an environment is deleted': { does: 'delete', page: null, mayTicket: ['EnvironmentMisconfigured'], lasts: true },
  'a list that is longer than what is read': {
    always: { history: 90 },
    switches: { maxPageSize: 20, overLimit: 'cap' },
    settings: { poll: { max_list_pages: 2 } },
    page: null,
    mayTicket: ['CoverageReduced'],
    lasts: true,
  },
  'no work': { arrivals: () => ({ perMinute: 0 }), page: null },
  'heartbeats that hang': {
    always: { fleet: { hungHeartbeat: { share: 0.2, gapSeconds: [90, 151] } } },
    page: null,
    needsLease: 300,
  },
  'sessions that wake up': { always: { wake: { share: 0.7, afterSeconds: [2, 300] } }, page: null },
  'runs that somebody stops': {
    always: { gracefulStopShare: 0.3, fleet: { finishesToolSeconds: [20, 180] } },
    page: null,
    needsLease: 300,
  },
  'items that stay stopping': {
    always: { fleet: { misbehaviour: { habit: 'leaves-stopping', share: 1 } } },
    page: null,
  },
};
