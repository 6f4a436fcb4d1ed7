import type { ShortName } from '../../rules/support/rule-case.ts';
import type { Trouble } from './trouble.ts';

const FOR_GOOD = [8_640_000, 8_640_000] as const;
const RESTARTS = [5, 15] as const;
const STUCK_OR_LATE: readonly ShortName[] = ['OldestItemTooOld', 'Saturated', 'NoWorkers', 'LeasesLapsing'];

/** Workers that are gone, die or hang, and sessions that make them. */
export const WORKER_TROUBLES: Readonly<Record<string, Trouble>> = {
  nothing: { page: null },
  'workers leave': { fleets: () => [], page: ['NoWorkers'] },
  'workers die in the middle of their runs': {
    fleets: ({ fleet }) => [{ ...fleet, livesSeconds: [0.5, 1.5], restartSeconds: FOR_GOOD }],
    page: ['NoWorkers'],
  },
  'workers crash as soon as they start': {
    fleets: ({ fleet }) => [{ ...fleet, workers: 1, livesSeconds: [20, 30], restartSeconds: [150, 300] }],
    page: null,
    mayPage: STUCK_OR_LATE,
  },
  'no run finishes': {
    fleets: ({ fleet }) => [
      {
        ...fleet,
        workers: fleet.workers * 3,
        runSeconds: [60, 200],
        misbehaviour: { habit: 'dies-in-run', share: 1 },
        restartSeconds: RESTARTS,
      },
    ],
    page: ['LeasesLapsing'],
    endsWithRuns: true,
    needsList: true,
  },
  'half of the runs die': {
    fleets: ({ fleet }) => [
      {
        ...fleet,
        workers: fleet.workers * 2,
        misbehaviour: { habit: 'dies-in-run', share: 0.5 },
        restartSeconds: RESTARTS,
      },
    ],
    page: null,
    mayPage: STUCK_OR_LATE,
  },
  'sandboxes die before the first heartbeat': {
    fleets: ({ fleet }) => [
      { ...fleet, misbehaviour: { habit: 'dies-after-ack', share: 0.3 }, restartSeconds: RESTARTS },
    ],
    page: null,
    mayPage: STUCK_OR_LATE,
  },
  'workers hang': {
    fleets: ({ fleet }) => [
      { ...fleet, workers: fleet.workers * 2, misbehaviour: { habit: 'stops-beating', share: 0.5 } },
    ],
    page: null,
    mayPage: STUCK_OR_LATE,
  },
  'more work than workers': {
    arrivals: ({ fleet, perMinute }) => ({ perMinute: perMinute * 4 + fleet.workers / 3 }),
    page: null,
    mayPage: ['OldestItemTooOld', 'Saturated', 'NoWorkers'],
  },
  'several workers crash in turn': {
    fleets: ({ fleet }) => [{ ...fleet, livesSeconds: [20, 60], restartSeconds: [60, 300] }],
    page: null,
    mayPage: STUCK_OR_LATE,
  },
  'sandboxes die and their items stay starting': {
    fleets: ({ fleet }) => [
      { ...fleet, workers: fleet.workers * 2, misbehaviour: { habit: 'dies-after-ack', share: 0.1 } },
    ],
    switches: { startingLapses: false },
    page: null,
    mayTicket: ['ItemStuck'],
    needsLease: 300,
    lasts: true,
  },
  'a session kills its worker': {
    always: { misbehaving: { conduct: 'kills-worker', sessions: 1 } },
    page: null,
    mayTicket: ['RedeliveryLoop', 'StaleHeartbeats', 'LeasesLapsing'],
    needsLease: 300,
    lasts: true,
  },
  'an item that no poll hands out': {
    always: { blockedHead: true },
    page: null,
    mayPage: ['OldestItemTooOld', 'NoWorkers'],
    lasts: true,
  },
  'runs end at once': {
    fleets: ({ fleet }) => [{ ...fleet, runSeconds: [0.5, 2], bootSeconds: [0.1, 0.3] }],
    page: null,
    mayTicket: ['RunsTooShort'],
  },
};
