import type { ConditionName } from '../../../src/diagnosis/conditions.ts';

/** A fleet that does its work, and what it gets to do. */
export interface Healthy {
  readonly workers: number;
  /** Seconds. */
  readonly run: readonly [number, number];
  readonly boot: readonly [number, number];
  readonly perMinute: number;
}

type Tree = Readonly<Record<string, unknown>>;

/** What goes wrong for a while, as parts of a scenario, and who must be told. */
export interface Trouble {
  /** Entries of `troubles`, without times: those of the world. */
  readonly troubles?: (healthy: Healthy) => readonly Tree[];
  /** From the beginning to the end of the world: of the environments in which it happens, and of the scenario. */
  readonly environment?: (healthy: Healthy, begins: number) => Tree;
  readonly scenario?: Tree;
  /** How many times as much work its sessions are; 1 by default. */
  readonly work?: number;
  /** It has no time of its own, and is there from the beginning. */
  readonly always?: true;
  /** How long it lasts; left to chance when left out. */
  readonly minutes?: number;
  /** Pages of which exactly one must come; null: none must. */
  readonly page: readonly ConditionName[] | null;
  /** Pages that may come instead of none. */
  readonly mayPage?: readonly ConditionName[];
  /** Tickets that may come; any, where there is a page or may be one. */
  readonly mayTicket?: readonly ConditionName[];
  /** Each of its tickets comes once, however often what it is about. */
  readonly isOneTicket?: true;
  /** It is over when the first of the next runs has ended. */
  readonly endsWithRuns?: true;
  /** Its tickets stay until somebody does something. */
  readonly lasts?: true;
  /** Only the list shows it. */
  readonly needsList?: true;
  /** Only where a lease is as long as this many seconds. */
  readonly needsLease?: number;
  /** A replica that reads every few minutes takes no notice. */
  readonly isFineIfSeldom?: true;
  /** Somebody does this to the environment at the beginning. */
  readonly does?: 'archived' | 'deleted';
  /** What of the environment cannot be seen meanwhile. */
  readonly hides?: 'all' | 'list';
}

const RESTARTS = ['5s', '15s'];
const STUCK_OR_LATE: readonly ConditionName[] = ['oldest_item_too_old', 'no_workers', 'runs_lost', 'nothing_starts'];
const PATIENT = { thresholds: { queue_age: { warning: '2h', critical: '4h' } } };

/** As many items as the fleet takes within so many minutes, beside what arrives all the time. */
function takenWithin({ workers, run, boot, perMinute }: Healthy, minutes: number): number {
  const perRun = (run[0] + run[1]) / 2 + boot[1];
  return Math.floor(minutes * ((60 * workers) / perRun - perMinute));
}

/** What goes wrong in an environment; everything else about a world is left to chance. */
export const WORK_TROUBLES: Readonly<Record<string, Trouble>> = {
  nothing: { page: null },
  'workers leave': { troubles: () => [{ kind: 'workers_leave' }], page: ['no_workers'] },
  'workers die in the middle of their runs': { troubles: () => [{ kind: 'workers_die' }], page: ['no_workers'] },
  'workers crash as soon as they start': {
    troubles: () => [{ kind: 'workers_die', lives: ['20s', '30s'], restart: ['150s', '300s'] }],
    page: null,
    mayPage: STUCK_OR_LATE,
  },
  'several workers crash in turn': {
    troubles: () => [{ kind: 'workers_die', lives: ['20s', '60s'], restart: ['60s', '300s'] }],
    page: null,
    mayPage: STUCK_OR_LATE,
  },
  'no sandbox boots': {
    troubles: () => [{ kind: 'boots_hang' }],
    page: ['nothing_starts', 'no_workers', 'runs_lost'],
    endsWithRuns: true,
    needsList: true,
    needsLease: 300,
  },
  'no run finishes': {
    troubles: () => [
      { kind: 'runs_take', run: ['60s', '200s'] },
      { kind: 'runs_die', restart: RESTARTS },
    ],
    page: ['runs_lost'],
    endsWithRuns: true,
    needsList: true,
  },
  'half of the runs die': {
    troubles: () => [{ kind: 'runs_die', share: 0.5, restart: RESTARTS }],
    page: null,
    mayPage: STUCK_OR_LATE,
  },
  'sandboxes die before the first heartbeat': {
    troubles: () => [{ kind: 'boots_fail', share: 0.3, restart: RESTARTS }],
    page: null,
    mayPage: STUCK_OR_LATE,
  },
  'workers hang': { troubles: () => [{ kind: 'workers_hang', share: 0.5 }], page: null, mayPage: STUCK_OR_LATE },
  'more work than workers': {
    troubles: ({ workers, perMinute }) => [{ kind: 'more_work', times: 4 + workers / 3 / perMinute }],
    page: null,
    mayPage: ['oldest_item_too_old', 'no_workers'],
    // The queue becomes shorter when the runs end that keep everybody busy.
    endsWithRuns: true,
  },
  'sandboxes die and their items stay starting': {
    troubles: () => [{ kind: 'boots_fail', share: 0.1 }],
    scenario: { api: { starting_lapses: false } },
    page: null,
    mayTicket: ['item_stuck'],
    needsLease: 300,
    lasts: true,
  },
  'a session kills its worker': {
    troubles: () => [{ kind: 'bad_sessions', conduct: 'kills_worker' }],
    always: true,
    page: null,
    mayTicket: ['item_stuck', 'heartbeats_stale', 'runs_lost'],
    needsLease: 300,
    lasts: true,
  },
  'a session waits for an approval': {
    troubles: () => [{ kind: 'bad_sessions', conduct: 'awaits_approval' }],
    environment: ({ workers }) => ({ workers: workers + 1 }),
    always: true,
    page: null,
    mayTicket: ['session_waiting'],
    needsLease: 300,
    lasts: true,
  },
  'an item that no poll hands out': {
    troubles: () => [{ kind: 'blocked_head' }],
    always: true,
    page: null,
    mayPage: ['oldest_item_too_old', 'no_workers'],
    lasts: true,
  },
  'runs end at once': {
    troubles: () => [{ kind: 'runs_take', run: ['500ms', '2s'] }],
    page: null,
    mayTicket: ['runs_too_short'],
  },
  'a deployment of the workers': { troubles: () => [{ kind: 'workers_leave' }], minutes: 1.25, page: null },
  'a rollout of one worker after the other': {
    troubles: () => [{ kind: 'workers_roll', every: '2m', away: '1m' }],
    page: null,
  },
  'bursts of a round of work': {
    environment: ({ workers, perMinute }) => ({ arrivals: [{ per_minute: perMinute, together: workers }] }),
    always: true,
    page: null,
    mayTicket: ['oldest_item_too_old'],
  },
  'bursts of eight minutes, every half hour': {
    minutes: 150,
    troubles: (healthy) => [{ kind: 'burst', items: takenWithin(healthy, 8), every: '30m' }],
    page: null,
    mayTicket: ['oldest_item_too_old'],
    isOneTicket: true,
  },
  'a nightly batch that takes an hour and a half': {
    minutes: 120,
    troubles: (healthy) => [{ kind: 'burst', items: takenWithin(healthy, 90) }],
    environment: () => PATIENT,
    page: null,
  },
  'a batch that may wait for hours': {
    troubles: ({ workers }) => [
      { kind: 'burst', items: 60 },
      { kind: 'workers_leave', left: Math.max(1, Math.ceil(workers / 2)) },
    ],
    environment: () => PATIENT,
    page: null,
  },
  'workers scale from zero': {
    environment: ({ workers, perMinute }, begins) => {
      const rounds = [begins, begins + 11.5];
      return {
        workers: [
          { count: workers, to: begins },
          ...rounds.map((at, n) => ({ count: workers, from: at + 6.5, ...(n === 0 && { to: at + 11.5 }) })),
        ],
        arrivals: [
          // An autoscaler does not take workers away while work waits.
          { per_minute: perMinute, to: begins - 1 },
          ...rounds.flatMap((at, n) => [
            { at: at + 5, items: 2 },
            { per_minute: perMinute, from: at + 5, ...(n === 0 && { to: at + 10.5 }) },
          ]),
        ],
      };
    },
    minutes: 24,
    page: null,
    mayTicket: ['workers_below_minimum'],
  },
  'work starts its workers': {
    environment: ({ workers }) => ({
      workers: [{ count: workers, on_demand: { after: ['5s', '140s'], stays: '20s' } }],
    }),
    always: true,
    page: null,
    // Nobody who has such a fleet asks for a minimum; a world may.
    mayTicket: ['workers_below_minimum'],
    lasts: true,
  },
  'nobody is told that work waits': {
    environment: ({ workers }) => ({ workers: [{ count: workers, on_demand: { after: ['5s', '140s'] } }] }),
    troubles: () => [{ kind: 'wakes_lost' }],
    page: null,
    mayPage: ['no_workers', 'oldest_item_too_old'],
    mayTicket: ['oldest_item_too_old'],
    endsWithRuns: true,
  },
  'an environment is archived': {
    does: 'archived',
    page: null,
    mayTicket: ['archived_with_work', 'discovery_failing'],
    lasts: true,
  },
  'an environment is deleted': {
    does: 'deleted',
    page: null,
    mayTicket: ['no_such_environment', 'discovery_failing'],
    lasts: true,
  },
  'a list that is longer than what is read': {
    environment: () => ({ history: 90, poll: { max_list_pages: 2 } }),
    scenario: { api: { max_page_size: 20, over_limit: 'cap' } },
    always: true,
    page: null,
    mayTicket: ['coverage_reduced'],
    lasts: true,
  },
  'no work': { environment: () => ({ arrivals: 0 }), always: true, page: null },
  'heartbeats that hang': {
    troubles: () => [{ kind: 'heartbeats_late', share: 0.2, gap: ['90s', '151s'] }],
    always: true,
    page: null,
    needsLease: 300,
  },
  'sessions that wake up': {
    environment: () => ({ wake: { share: 0.7, after: ['2s', '5m'] } }),
    work: 4,
    always: true,
    page: null,
  },
  'runs that somebody stops': {
    environment: () => ({ stop_share: 0.3, finishes_tool: ['20s', '3m'] }),
    work: 2,
    always: true,
    page: null,
    needsLease: 300,
  },
  'items that stay stopping': { troubles: () => [{ kind: 'items_stay_stopping' }], always: true, page: null },
};

const UNREAD: readonly ConditionName[] = ['not_readable', 'api_unreachable'];
/** An exporter that starts meanwhile, and discovers its environments, knows none that it could not read. */
const UNDISCOVERED = { mayPage: ['discovery_failing'] } as const;

/** What goes wrong between the environments and who watches them. */
export const SIGHT_TROUBLES: Readonly<Record<string, Trouble>> = {
  'the API is down': { troubles: () => [{ kind: 'api_error' }], page: UNREAD, ...UNDISCOVERED, hides: 'all' },
  'the API closes connections': {
    troubles: () => [{ kind: 'api_unreachable' }],
    page: UNREAD,
    ...UNDISCOVERED,
    hides: 'all',
  },
  'the API does not answer': { troubles: () => [{ kind: 'api_timeout' }], page: UNREAD, ...UNDISCOVERED, hides: 'all' },
  'keys are revoked': {
    troubles: () => [{ kind: 'key_refused' }],
    page: ['key_refused', 'api_key_refused'],
    ...UNDISCOVERED,
    hides: 'all',
  },
  'requests are limited': {
    troubles: () => [{ kind: 'api_limited', retry_after: '20s' }],
    page: ['rate_limited', 'not_readable'],
    ...UNDISCOVERED,
    hides: 'all',
  },
  'the list fails': {
    troubles: () => [{ kind: 'api_error', operations: ['list'] }],
    page: null,
    mayTicket: ['coverage_reduced'],
    hides: 'list',
  },
  'the list is refused': {
    troubles: () => [{ kind: 'key_refused', operations: ['list'] }],
    page: null,
    // The key of the list is that of the workers: if nobody polls, that is why.
    mayPage: ['key_refused'],
    mayTicket: ['key_refused', 'api_key_refused', 'coverage_reduced'],
    hides: 'list',
  },
  'ages are withheld': { troubles: () => [{ kind: 'ages_withheld' }], page: null, mayTicket: ['coverage_reduced'] },
  'every third request fails': { troubles: () => [{ kind: 'api_error', status: 500, share: 0.33 }], page: null },
  'answers take four seconds': { troubles: () => [{ kind: 'api_slow', latency: '4s' }], page: null },
  // Nobody can tell them from those of now.
  'every second answer is a minute old': {
    troubles: () => [{ kind: 'api_lags', behind: '60s', share: 0.5, operations: ['stats', 'list'] }],
    page: null,
  },
  'every second answer comes from a cache': {
    troubles: () => [{ kind: 'api_cached', age: '40s', share: 0.5 }],
    page: null,
    // Some eight in a row are enough, and in half an hour they may come by chance: then nobody has seen the queue for minutes.
    mayPage: UNREAD,
  },
  // Nothing that it says is of now.
  'answers come from a cache': {
    troubles: () => [{ kind: 'api_cached', age: '40s' }],
    page: UNREAD,
    ...UNDISCOVERED,
    isFineIfSeldom: true,
    hides: 'all',
  },
  // Prometheus alone tells that.
  'there is no exporter': { troubles: () => [{ kind: 'exporter_away' }], page: null, hides: 'all' },
  'Prometheus is away': { troubles: () => [{ kind: 'prometheus_away' }], minutes: 3, page: null, hides: 'all' },
};
