import type { Fault } from '../../../src/simulator/scenarios/fault.ts';
import type { Arrivals, WorkerFleet } from '../../../src/simulator/scenarios/scenario.ts';
import type { ShortName } from '../../rules/support/rule-case.ts';

/** A fleet that does its work, and what it gets to do. */
export interface Healthy {
  readonly fleet: WorkerFleet;
  readonly perMinute: number;
}

/** What goes wrong for a while in one environment, and who must be told. */
export interface Trouble {
  readonly fleets?: (healthy: Healthy) => readonly WorkerFleet[];
  readonly arrivals?: (healthy: Healthy) => Arrivals;
  readonly faults?: readonly Fault[];
  /** Pages of which exactly one must come; null: none must. */
  readonly page: readonly ShortName[] | null;
  /** Pages that may come instead of none. */
  readonly mayPage?: readonly ShortName[];
  /** It is over when the first of the next runs has ended. */
  readonly endsWithRuns?: true;
  /** Only the list shows it. */
  readonly needsList?: true;
}

const FOR_GOOD = [8_640_000, 8_640_000] as const;
const RESTARTS = [5, 15] as const;
const STUCK_OR_LATE: readonly ShortName[] = ['OldestItemTooOld', 'Saturated', 'NoWorkers', 'LeasesLapsing'];

/** Everything else about a world is left to chance. */
export const TROUBLES: Readonly<Record<string, Trouble>> = {
  nothing: { page: null },
  'workers leave': { fleets: () => [], page: ['NoWorkers'] },
  'workers die in the middle of their runs': {
    fleets: ({ fleet }) => [{ ...fleet, livesSeconds: [0.5, 1.5], restartSeconds: FOR_GOOD }],
    page: ['NoWorkers'],
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
  'more work than workers': {
    arrivals: ({ fleet, perMinute }) => ({ perMinute: perMinute * 4 + fleet.workers / 3 }),
    page: null,
    mayPage: ['OldestItemTooOld', 'Saturated', 'NoWorkers'],
  },
  'the API is down': {
    faults: [{ kind: 'status', status: 503 }],
    page: ['EnvironmentNotVisible', 'ApiUnreachable'],
  },
  'keys are revoked': { faults: [{ kind: 'revoked' }], page: ['ApiAuthFailing', 'CredentialRejected'] },
  'requests are limited': {
    faults: [{ kind: 'status', status: 429, retryAfterSeconds: 20 }],
    page: ['ApiRateLimited'],
  },
};
