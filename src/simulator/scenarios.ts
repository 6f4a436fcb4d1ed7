import { ExporterError } from '../base/errors.ts';
import { looksLikeKey } from '../base/key-shape.ts';
import { type ScenarioInput, scenarioSchema } from './scenario-schema.ts';
import { type Script, type ScriptOptions, scriptOf } from './script.ts';

/** A named situation: what happens, what an operator should see, and the same as data: docs/simulator.md. */
interface NamedScenario {
  readonly happens: string;
  readonly expect: string;
  readonly scenario: ScenarioInput;
}

type Entry = NonNullable<ScenarioInput['environments']>[number];

const FROM_START = { from: 'start' } as const;
const WAKE: Entry['wake'] = { share: 0.15, after: ['20s', '2m'] };
const BOOT: [string, string] = ['100ms', '300ms'];
const PROD: Entry = { name: 'prod', workers: 12, arrivals: 6, run: ['20s', '60s'], boot: BOOT };
const STEADY: Entry = { ...PROD, healthchecks_per_hour: 6, wake: WAKE };
const STAGING: Entry = { name: 'staging', workers: 3, arrivals: 2, run: ['10s', '40s'], boot: BOOT, wake: WAKE };
/** Slow boots: a sandbox must be created before the first heartbeat. */
const BATCH: Entry = {
  name: 'batch',
  workers: 6,
  run: ['1m', '4m'],
  boot: ['5s', '15s'],
  arrivals: 1,
  stop_share: 0.05,
};

/** An hour: such waits exceed the default threshold of 30 min. */
const LONG_AGO = { warm_up: '1h' } as const;
/** Nobody takes what arrives. */
const NOBODY: Entry['arrivals'] = [{ per_minute: 4 }, { at: 'start', items: 3 }];
const RESTART = { restart: ['5s', '15s'] } as const;

/** Something in the first environment, while the others are steady: a fault in one must not look like a fault in all. */
function inProd(prod: Partial<Entry>, troubles: ScenarioInput['troubles'] = []): ScenarioInput {
  return { warm_up: '5m', environments: [{ ...PROD, ...prod }, STAGING, BATCH], troubles };
}

/** A steady world and what the API does to it. */
function steady(troubles: ScenarioInput['troubles'] = []): ScenarioInput {
  return inProd({ ...STEADY, stop_share: 0.05 }, troubles);
}

/** Nobody asks a run to stop: that would end it too early. */
function badSessions(
  conduct: 'kills_worker' | 'wedges' | 'awaits_approval' | 'terminates',
  sessions = 1,
): ScenarioInput {
  return { ...inProd(STEADY, [{ kind: 'bad_sessions', conduct, sessions, ...FROM_START }]), ...LONG_AGO };
}

const NAMED: Readonly<Record<string, NamedScenario>> = {
  steady: {
    happens: 'Work arrives, workers take it within seconds and finish it.',
    expect: 'No alert: the oldest item is seconds old, and workers poll or send heartbeats.',
    scenario: { ...steady(), warm_up: '10m' },
  },
  idle: {
    happens: 'Nothing happens by itself: bring your own worker and add items with POST /_sim/items.',
    expect: 'Empty queues and no workers; no alert fires, because nothing waits.',
    scenario: {
      warm_up: '0s',
      environments: ['prod', 'staging', 'batch'].map((name) => ({ name, workers: 0, arrivals: 0 })),
    },
  },
  burst: {
    happens: 'Every few minutes forty items arrive in prod at once.',
    expect: 'Depth jumps to about forty and drains within minutes; nothing pages, at most a warning that clears.',
    scenario: inProd(STEADY, [{ kind: 'burst', items: 40, from: 0, every: '5m' }]),
  },
  saturated: {
    happens: 'More work arrives in prod than its five workers can handle; all of them are busy for minutes at a time.',
    expect: 'Depth and age grow while every run has fresh heartbeats: add workers (AnthropicWorkOldestItemTooOld).',
    scenario: inProd({ workers: 5, run: ['150s', '5m'], arrivals: [{ per_minute: 4 }, { at: 'start', items: 10 }] }),
  },
  'no-workers': {
    happens: 'Work arrives in prod and no worker polls.',
    expect: 'Depth and age grow, workers_polling is 0 and nothing runs: AnthropicWorkNoWorkers pages.',
    scenario: { ...inProd({ workers: 0, arrivals: NOBODY }), warm_up: '1m' },
  },
  'stale-heartbeats': {
    happens: 'Workers in prod hang after their first heartbeat; in batch, sessions stop after their worker is gone.',
    expect:
      'Active items without heartbeats, items that stay stopping: AnthropicWorkHeartbeatsStale and AnthropicWorkItemStuck.',
    scenario: {
      warm_up: '1m',
      environments: [
        { ...PROD, workers: 16, arrivals: [{ per_minute: 1.5 }, { at: 'start', items: 4 }] },
        STAGING,
        { ...BATCH, run: ['30s', '60s'], arrivals: [{ per_minute: 1 }, { at: 'start', items: 2 }], stop_share: 1 },
      ],
      troubles: [
        { kind: 'workers_hang', share: 0.6, ...FROM_START },
        { kind: 'workers_hang', share: 0.4, environments: 'batch', ...FROM_START },
      ],
    },
  },
  'leases-lapsing': {
    happens: 'Half of the runs in prod kill their worker; the item returns to the queue when its lease ends.',
    expect:
      'items_lapsed_total rises and runs start over, while the queue still moves: AnthropicWorkRunsLost, a warning.',
    scenario: inProd({ workers: 10 }, [{ kind: 'runs_die', share: 0.5, ...RESTART, ...FROM_START }]),
  },
  'no-run-finishes': {
    happens: 'Every worker in prod dies in the middle of every run; its item returns when the lease lapses.',
    expect: 'A lapse stamps items anew, so nothing looks old, but none ever finishes: AnthropicWorkRunsLost pages.',
    scenario: {
      ...inProd({ workers: 20, arrivals: [{ per_minute: 3 }, { at: 'start', items: 4 }] }, [
        { kind: 'runs_die', ...RESTART, ...FROM_START },
      ]),
      warm_up: '1m',
    },
  },
  deploy: {
    happens: 'Every five minutes all workers in prod leave for forty seconds and return under new names.',
    expect: 'A short dip in workers and a bump in depth; nothing pages.',
    scenario: inProd(STEADY, [{ kind: 'workers_leave', from: '10s', to: '50s', repeats: '5m' }]),
  },
  'head-of-line': {
    happens: 'The oldest item in prod is never handed out, but the items behind it are.',
    expect: 'The oldest item gets older while depth stays small and workers poll: AnthropicWorkOldestItemTooOld.',
    scenario: { ...steady([{ kind: 'blocked_head', ...FROM_START }]), warm_up: '2m' },
  },
  'direct-pollers': {
    happens: "The workers in prod poll without the SDK's loop: they request a stop and never confirm it.",
    expect: 'More and more items are in stopping, but nothing waits: AnthropicWorkItemStuck, for information only.',
    scenario: inProd({ arrivals: 4 }, [{ kind: 'items_stay_stopping', ...FROM_START }]),
  },
  'requeue-storm': {
    happens: 'Nearly every session in prod gets new work within seconds of ending.',
    expect: 'items_requeued_total rises much faster than items_created_total; no item is lost or counted twice.',
    scenario: {
      ...inProd({
        run: ['3s', '10s'],
        arrivals: [{ per_minute: 1 }, { at: 'start', items: 6 }],
        wake: { share: 0.92, after: ['2s', '10s'] },
      }),
      warm_up: '2m',
    },
  },
  'long-history': {
    happens: 'The list of prod has a hundred thousand stopped items in addition to the live ones.',
    expect: 'As in steady; a full scan of the list takes a hundred requests, the scans in between only a few.',
    scenario: inProd({ ...STEADY, history: 100_000 }),
  },
  'wedged-session': {
    happens: 'The tool results of two sessions in prod are refused with 403; their workers keep sending heartbeats.',
    expect: 'Two live items whose sessions are idle and require action: AnthropicWorkSessionWaiting, a warning.',
    scenario: badSessions('wedges', 2),
  },
  'awaiting-approval': {
    happens: 'A session in prod asks for approval, and nobody answers; its worker keeps sending heartbeats.',
    expect: 'One live item whose session is idle and requires action: AnthropicWorkSessionWaiting, a warning.',
    scenario: badSessions('awaits_approval'),
  },
  'terminated-session': {
    happens: 'A session in prod was terminated; its worker did not notice and keeps sending heartbeats.',
    expect: 'One live item belongs to a terminated session and holds a worker: AnthropicWorkItemStuck, a warning.',
    scenario: badSessions('terminates'),
  },
  'redelivery-loop': {
    happens: 'A session in prod kills every worker that serves it, minutes into the run, and comes back each time.',
    expect: 'item_deliveries_max grows while all other items run normally, and AnthropicWorkItemStuck warns.',
    scenario: { ...badSessions('kills_worker'), api: { lease: '1m' } },
  },
  stillborn: {
    happens: "Every run in prod ends within four seconds, as if the worker's command returned too early.",
    expect: 'Nothing waits, but nearly all runs are too short: AnthropicWorkRunsTooShort, a warning.',
    scenario: { ...inProd({ run: ['1s', '4s'] }), warm_up: '20m' },
  },
  'auth-expired': {
    happens: 'Every key has been revoked.',
    expect: 'up is 0 with reason unauthorized: AnthropicWorkApiKeyRefused pages once, not once per environment.',
    scenario: steady([{ kind: 'key_refused', ...FROM_START }]),
  },
  'rate-limited': {
    happens: 'Most requests get 429 with a Retry-After of fifteen seconds.',
    expect: 'Reads slow down, until queues have not been read for minutes: AnthropicWorkRateLimited pages.',
    scenario: steady([{ kind: 'api_limited', share: 0.8, ...FROM_START }]),
  },
  'api-down': {
    happens: 'Every request gets 503.',
    expect: 'up is 0 with reason server_error, and values disappear once they are stale: AnthropicWorkApiUnreachable.',
    scenario: steady([{ kind: 'api_error', ...FROM_START }]),
  },
  flapping: {
    happens: 'The workers in prod come and go every ninety seconds, and one request in five fails.',
    expect: 'Values jump, but alerts do not flap: either none fires, or one fires and stays.',
    scenario: inProd({}, [
      { kind: 'workers_leave', from: 0, to: '90s', repeats: '3m' },
      { kind: 'api_error', status: 500, share: 0.2, ...FROM_START },
    ]),
  },
  'clock-skew': {
    happens: "The API's clock is ninety seconds ahead.",
    expect: 'Ages are still right, and api_clock_skew_seconds says 90.',
    scenario: { ...steady(), api: { clock: '90s' } },
  },
};

/** Every situation that the simulator has by name. */
export const SCENARIOS = Object.entries(NAMED).map(([name, scenario]) => ({ name, ...scenario }));
export const SCENARIO_NAMES: readonly string[] = SCENARIOS.map(({ name }) => name);

/** The first three are prod, staging and batch; the next ones are like them. */
export function simulatedEnvironments(count: number): readonly { readonly id: string; readonly name: string }[] {
  return Array.from({ length: count }, (_, number) => {
    const base = ['prod', 'staging', 'batch'][number % 3]!;
    const name = number < 3 ? base : `${base}-${Math.floor(number / 3) + 1}`;
    return { id: `env_sim_${name.replaceAll('-', '_')}`, name };
  });
}

/** @throws UnknownScenarioError */
export function scriptNamed(name: string, options: Omit<ScriptOptions, 'name' | 'expect'> = {}): Script {
  const known = SCENARIOS.find((one) => one.name === name);
  if (known === undefined) throw new UnknownScenarioError(name);
  const file = scenarioSchema.parse({ ...known.scenario, description: known.happens });
  const environments = options.environments ?? simulatedEnvironments(file.environments.length);
  return scriptOf(file, { ...options, environments, name, expect: known.expect });
}

export class UnknownScenarioError extends ExporterError {
  constructor(name: string) {
    const what = looksLikeKey(name)
      ? 'There is no such scenario'
      : `There is no scenario named ${JSON.stringify(name)}`;
    super('unknown_scenario', what, {
      remedy: `Use one of: ${SCENARIO_NAMES.join(', ')}; or name a file: examples/scenarios has more.`,
    });
  }
}
