import { ExporterError } from '../base/errors.ts';
import { quote } from '../config/problem.ts';
import { PRESETS } from '../wire/presets.ts';
import { phaseOf } from './agenda.ts';
import type { Endpoint, Fault } from './faults.ts';
import {
  type EnvironmentEntry,
  type ScenarioFile,
  type ScenarioInput,
  scenarioSchema,
  type Trouble,
} from './scenario-schema.ts';

/** An environment of a scenario, named. */
export type ScriptEnvironment = EnvironmentEntry & {
  readonly id: string;
  readonly name: string;
  readonly keys: NonNullable<EnvironmentEntry['keys']>;
};

/** A trouble, and what it concerns. */
export interface Scoped {
  readonly trouble: Trouble;
  /** Ids. */
  readonly environments: readonly string[];
  readonly connections: readonly string[];
  /** What it is about is said so, and not by default. */
  readonly isNarrow: boolean;
}

/** A scenario made ready to be played: by `simulate` over HTTP as time passes, by `rehearse` on a clock that stands still. */
export interface Script {
  /** What it is called on the command line and by the control API. */
  readonly name: string;
  readonly happens: string;
  /** What an operator should see; empty where the file says it by `expect`. */
  readonly expect: string;
  readonly seed: number;
  readonly endsAt: number;
  readonly file: ScenarioFile;
  readonly environments: readonly ScriptEnvironment[];
  readonly connections: readonly string[];
  readonly troubles: readonly Scoped[];
}

export interface ScriptOptions {
  readonly name: string;
  readonly expect?: string;
  readonly minutes?: number | undefined;
  readonly seed?: number | undefined;
  /** Played instead of those of the file, one like each in turn. */
  readonly environments?: readonly { readonly id: string; readonly name: string; readonly connection?: string }[];
}

export function scriptOf(file: ScenarioFile, { name, expect = '', environments, ...options }: ScriptOptions): Script {
  const { environments: written, troubles, minutes, seed, description = name } = file;
  const kinds = written.length;
  const listed = environments?.map((one, number) => ({ ...written[number % kinds]!, ...one })) ?? written;
  const all = named(listed, file);
  return {
    name,
    happens: description,
    expect,
    seed: options.seed ?? seed,
    endsAt: (options.minutes ?? minutes) * 60,
    file,
    environments: all,
    connections: [...new Set(all.map(({ connection }) => connection))],
    troubles: troubles.map((trouble) => scoped(trouble, all, written)),
  };
}

/** Environments that are read with different kinds of keys cannot share a connection: its API key is for all of them. */
function named(entries: readonly EnvironmentEntry[], { keys: usual, provider }: ScenarioFile) {
  const all = entries.map((entry): ScriptEnvironment => {
    const name = entry.name ?? entry.id ?? 'prod';
    const keys = PRESETS[provider].environmentKeys ? (entry.keys ?? usual) : 'api-key';
    return { ...entry, name, id: entry.id ?? `env_${name.replaceAll(/[^A-Za-z0-9_-]/g, '_')}`, keys };
  });
  const withApiKey = all.filter(({ keys }) => keys === 'both' || keys === 'api-key').map((one) => one.connection);
  return all.map((one) =>
    one.keys === 'environment-key' && withApiKey.includes(one.connection)
      ? { ...one, connection: `${one.connection}-environment-keys` }
      : one,
  );
}

/** What happens to the API, and what to exporters and Prometheus. */
export const OF_API = /^(?:api_|ages_|key_)/;
export const OUTSIDE = /^(?:exporter_|prometheus_|scrapes_)/;

/** Unless it says so, a trouble of the API concerns everything, and one of workers the first environment and those like it. */
function scoped(trouble: Trouble, all: readonly ScriptEnvironment[], likes: readonly EnvironmentEntry[]): Scoped {
  if (OUTSIDE.test(trouble.kind)) return { trouble, environments: [], connections: [], isNarrow: false };
  const { environments: names, connections } = { environments: undefined, connections: undefined, ...trouble };
  const isNarrow = names !== undefined;
  const own = all.filter(({ id, name, connection }, number) => {
    const like = number % likes.length;
    if (isNarrow) return [id, name, likes[like]!.name ?? name].some((one) => names.includes(one));
    return (connections?.includes(connection) ?? true) && (OF_API.test(trouble.kind) || like === 0);
  });
  return {
    ...{ trouble, isNarrow },
    environments: own.map(({ id }) => id),
    connections: [...new Set(own.map(({ connection }) => connection))],
  };
}

/** What of a scenario happens behind one connection, in a world of its own. */
export function partOf(script: Script, connection: string): Script {
  const environments = script.environments.filter((one) => one.connection === connection);
  const troubles = script.troubles.filter(({ connections }) => connections.includes(connection));
  const connections = [connection];
  return { ...script, environments, connections, troubles: troubles.map((one) => ({ ...one, connections })) };
}

/** What happens to requests at this second. */
export function faultsAt(script: Script, at: number): readonly Fault[] {
  return script.troubles.flatMap(({ trouble, connections, environments, isNarrow }) => {
    if (!OF_API.test(trouble.kind) || !phaseOf(trouble, at).isActive) return [];
    const isEverywhere = !isNarrow && connections.length === script.connections.length;
    return faultOf(trouble, isEverywhere ? undefined : environments);
  });
}

/** What each trouble of the API is among the faults; a clock that is wrong is none. */
const FAULTS: { readonly [K in Trouble['kind']]?: (trouble: Extract<Trouble, { kind: K }>) => Fault } = {
  api_error: ({ status, retry_after }) => ({ kind: 'status', status, retryAfterSeconds: retry_after }),
  api_limited: ({ retry_after }) => ({ kind: 'status', status: 429, retryAfterSeconds: retry_after }),
  api_timeout: () => ({ kind: 'hang' }),
  api_unreachable: () => ({ kind: 'reset' }),
  api_garbage: ({ status }) => ({ kind: 'garbage', status }),
  api_slow: ({ latency }) => ({ kind: 'latency', seconds: latency }),
  api_cached: ({ age }) => ({ kind: 'cached', ageSeconds: age }),
  api_lags: ({ behind }) => ({ kind: 'outdated', seconds: behind }),
  ages_withheld: () => ({ kind: 'no_oldest' }),
  key_refused: ({ key }) => ({ kind: 'revoked', ...(key !== 'both' && { keys: [KEY_KINDS[key]] }) }),
};
const KEY_KINDS = { 'api-key': 'api_key', 'environment-key': 'environment_key' } as const;

function faultOf(trouble: Trouble, environments: readonly string[] | undefined): readonly Fault[] {
  const { operations, share } = { operations: undefined, share: 1, ...trouble };
  const make = FAULTS[trouble.kind] as ((trouble: Trouble) => Fault) | undefined;
  if (make === undefined) return [];
  // The events of a session are read with it.
  const endpoints = operations?.flatMap((one): readonly Endpoint[] =>
    one === 'session' ? [one, 'session_events'] : [one],
  );
  const scope = { ...(endpoints && { endpoints }), ...(environments && { environments }) };
  return [{ ...make(trouble), ...scope, ...(share < 1 && { probability: share }) }];
}

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
      'Active items without heartbeats, then lost runs: AnthropicWorkHeartbeatsStale, then AnthropicWorkRunsLost pages.',
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
  'on-demand': {
    happens: 'Work starts the workers of prod, as a webhook does; between two items nobody is there.',
    expect: 'workers_polling is 0 most of the time, work waits for the start of a worker, and no alert fires.',
    scenario: inProd({ arrivals: 0.5, workers: [{ count: 12, on_demand: { after: ['10s', '90s'] } }] }),
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

/** @throws ExporterError for an unknown name */
export function scriptNamed(name: string, options: Omit<ScriptOptions, 'name' | 'expect'> = {}): Script {
  const known = SCENARIOS.find((one) => one.name === name);
  if (known === undefined) {
    const remedy = `Use one of: ${SCENARIO_NAMES.join(', ')}; or name a file: examples/scenarios has more.`;
    throw new ExporterError('unknown_scenario', `There is no scenario named ${quote(name)}`, { remedy });
  }
  const file = scenarioSchema.parse({ ...known.scenario, description: known.happens });
  const environments = options.environments ?? simulatedEnvironments(file.environments.length);
  return scriptOf(file, { ...options, environments, name, expect: known.expect });
}
