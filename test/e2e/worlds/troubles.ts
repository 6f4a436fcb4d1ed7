import type { Fault } from '../../../src/simulator/scenarios/fault.ts';
import type { Arrivals, EnvironmentPlan, WorkerFleet } from '../../../src/simulator/scenarios/scenario.ts';
import type { ShortName } from '../../rules/support/rule-case.ts';

/** A fleet that does its work, and what it gets to do. */
export interface Healthy {
  readonly fleet: WorkerFleet;
  readonly perMinute: number;
}

/** What goes wrong for a while, and who must be told. */
export interface Trouble {
  readonly fleets?: (healthy: Healthy) => readonly WorkerFleet[];
  readonly arrivals?: (healthy: Healthy) => Arrivals;
  /** From the beginning to the end of the world. */
  readonly always?: Partial<EnvironmentPlan> & { readonly fleet?: Partial<WorkerFleet> };
  readonly faults?: readonly Fault[];
  /** Pages of which exactly one must come; null: none must. */
  readonly page: readonly ShortName[] | null;
  /** Pages that may come instead of none. */
  readonly mayPage?: readonly ShortName[];
  /** Tickets that may come; any, where there is a page or may be one. */
  readonly mayTicket?: readonly ShortName[];
  /** It is over when the first of the next runs has ended. */
  readonly endsWithRuns?: true;
  /** Only the list shows it. */
  readonly needsList?: true;
  /** Only where a lease is as long as this many seconds. */
  readonly needsLease?: number;
  /** Nothing of the environment can be seen meanwhile. */
  readonly hides?: true;
}

const FOR_GOOD = [8_640_000, 8_640_000] as const;
const RESTARTS = [5, 15] as const;
const STUCK_OR_LATE: readonly ShortName[] = ['OldestItemTooOld', 'Saturated', 'NoWorkers', 'LeasesLapsing'];

/** What goes wrong in an environment. */
export const WORK_TROUBLES: Readonly<Record<string, Trouble>> = {
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
  'a deployment of the workers': { page: null },
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

/** What goes wrong between the exporter and the API. */
export const SIGHT_TROUBLES: Readonly<Record<string, Trouble>> = {
  'the API is down': {
    faults: [{ kind: 'status', status: 503 }],
    page: ['EnvironmentNotVisible', 'ApiUnreachable'],
    hides: true,
  },
  'the API closes connections': {
    faults: [{ kind: 'reset' }],
    page: ['EnvironmentNotVisible', 'ApiUnreachable'],
    hides: true,
  },
  'keys are revoked': {
    faults: [{ kind: 'revoked' }],
    page: ['ApiAuthFailing', 'CredentialRejected'],
    hides: true,
  },
  'requests are limited': {
    faults: [{ kind: 'status', status: 429, retryAfterSeconds: 20 }],
    page: ['ApiRateLimited'],
    hides: true,
  },
  'the list fails': {
    faults: [{ kind: 'status', status: 503, endpoints: ['list'] }],
    page: null,
    mayTicket: ['ItemsNotVisible'],
  },
  'the list is refused': {
    faults: [{ kind: 'revoked', endpoints: ['list'] }],
    page: null,
    // The key of the list is that of the workers: if nobody polls, that is why.
    mayPage: ['ApiAuthFailing'],
    mayTicket: ['CredentialRejected'],
  },
  'ages are withheld': { faults: [{ kind: 'no_oldest' }], page: null, mayTicket: ['CoverageReduced'] },
  'every third request fails': {
    faults: [{ kind: 'status', status: 500, probability: 0.33 }],
    page: null,
  },
  'answers take four seconds': { faults: [{ kind: 'latency', seconds: 4 }], page: null },
};
