import type { Fault } from '../../../src/simulator/faults.ts';
import { scenarioSchema } from '../../../src/simulator/scenario-schema.ts';
import { scriptOf } from '../../../src/simulator/script.ts';
import type { Simulator } from '../../../src/simulator/start-simulator.ts';
import { TIMEOUT_MS } from '../../support/still-clock.ts';

interface Trouble {
  /** What goes on in the environment, as in a scenario. */
  readonly entry: object;
  /** What goes wrong there, from the start unless it says otherwise. */
  readonly troubles?: readonly object[];
  /** Those of its name share what befalls several; each of the others has one of its own. */
  readonly connection?: string;
  /** What goes wrong with requests about it. */
  readonly faults?: readonly Fault[];
  /** Its options beside id, key and connection. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Left to be found, or to be watched by another exporter. */
  readonly configured?: false;
}

const QUIET = { workers: 0, arrivals: 0 };
const CALM = { workers: 3, arrivals: 2, run: ['10s', '40s'], boot: '200ms' };
const BUSY = { workers: 12, arrivals: 6, run: ['20s', '60s'], boot: '200ms' };
/** Few arrivals: long lists are read again and again. */
const NOBODY = { workers: 0, arrivals: [{ per_minute: 0.4 }, { at: 'start', items: 1 }] };
const SATURATED = {
  ...BUSY,
  workers: 5,
  run: ['150s', '5m'],
  arrivals: [{ per_minute: 4 }, { at: 'start', items: 10 }],
};
const RESTART = { restart: ['5s', '15s'] };
const WITHOUT_KEY = { environment_key: 'sk-ant-oat01-not-a-key-of-this-world' };
const NEVER = { warning: 'never', critical: 'never' };

/** An environment per kind of trouble. */
const TROUBLES: Readonly<Record<string, Trouble>> = {
  'no-workers': { entry: NOBODY },
  'nobody-boots': {
    entry: BUSY,
    troubles: [{ kind: 'boots_fail', ...RESTART }],
    options: { thresholds: { state_age: { starting: '2m' }, queue_age: NEVER } },
  },
  'no-run-finishes': {
    entry: { ...BUSY, workers: 20, arrivals: [{ per_minute: 3 }, { at: 'start', items: 4 }] },
    troubles: [{ kind: 'runs_die', ...RESTART }],
  },
  'fleet-1': { entry: NOBODY, connection: 'fleets' },
  'fleet-2': { entry: NOBODY, connection: 'fleets' },
  'fleet-3': { entry: NOBODY, connection: 'fleets' },
  saturated: { entry: SATURATED },
  'too-deep': {
    entry: SATURATED,
    options: { thresholds: { queue_age: NEVER, queue_depth: { warning: 5, critical: 10 } } },
  },
  'stale-heartbeats': {
    entry: { ...BUSY, workers: 16, arrivals: [{ per_minute: 1.5 }, { at: 'start', items: 4 }] },
    troubles: [{ kind: 'workers_hang', share: 0.6 }],
  },
  'awaiting-approval': {
    entry: BUSY,
    troubles: [{ kind: 'bad_sessions', conduct: 'awaits_approval' }],
    options: { thresholds: { session_wait: '5m' } },
  },
  'redelivery-loop': {
    entry: BUSY,
    troubles: [{ kind: 'bad_sessions', conduct: 'kills_worker' }],
    options: { thresholds: { redeliveries: 1 } },
  },
  stillborn: { entry: { ...BUSY, run: ['1s', '4s'] } },
  'too-few': { entry: CALM, options: { thresholds: { min_workers: 50 } } },
  archived: { entry: NOBODY },
  'refused-1': { entry: QUIET, connection: 'refused', options: WITHOUT_KEY },
  'refused-2': { entry: QUIET, connection: 'refused', options: WITHOUT_KEY },
  'refused-list': { entry: CALM, options: WITHOUT_KEY },
  'out-of-reach-1': { entry: QUIET, connection: 'down' },
  'out-of-reach-2': { entry: QUIET, connection: 'down' },
  limited: { entry: QUIET, faults: [{ kind: 'status', status: 429 }] },
  unseen: { entry: CALM, faults: [{ kind: 'garbage', endpoints: ['stats', 'list'] }] },
  'no-list': { entry: CALM, faults: [{ kind: 'garbage', endpoints: ['list'] }] },
  'found-1': { entry: QUIET, configured: false },
  'found-2': { entry: QUIET, configured: false },
  replica: { entry: QUIET },
};

export const idOf = (name: string) => `env_${name.replaceAll('-', '_')}`;
const NAMES = Object.keys(TROUBLES);

/** Half an hour of all troubles at once has passed when it begins. */
export const TROUBLED_SCENARIO = scriptOf(
  scenarioSchema.parse({
    warm_up: '30m',
    environments: NAMES.map((name) => ({ id: idOf(name), name, ...TROUBLES[name]!.entry })),
    troubles: NAMES.flatMap((name) =>
      (TROUBLES[name]!.troubles ?? []).map((one) => ({ from: 'start', environments: name, ...one })),
    ),
  }),
  { name: 'troubled' },
);
export const TROUBLED_FAULTS: readonly Fault[] = NAMES.flatMap((name) =>
  (TROUBLES[name]!.faults ?? []).map((fault) => ({ ...fault, environments: [idOf(name)] })),
);

/** Where requests go: the simulator, and an address where nobody listens. */
export interface Addresses {
  readonly simulator: Simulator;
  readonly nowhere: string;
  readonly stateFile: string;
}

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const connectionOf = (name: string) => TROUBLES[name]!.connection ?? name;

function connectionsOf({ simulator: { url, apiKey }, nowhere }: Addresses): Record<string, object> {
  const connection = { base_url: url, api_key: apiKey, timeout: `${TIMEOUT_MS}ms`, requests_per_minute: 2000 };
  return {
    // The first one discovers.
    default: { ...connection, expires: inDays(3) },
    ...Object.fromEntries(NAMES.map((name) => [connectionOf(name), connection])),
    refused: { ...connection, api_key: 'sk-ant-api03-not-a-key-of-this-world' },
    down: { ...connection, base_url: nowhere },
  };
}

function environmentsOf({ simulator }: Addresses, names: readonly string[]) {
  const keys = new Map(simulator.environments.map(({ id, environmentKey }) => [id, environmentKey]));
  return names.map((name) => ({
    id: idOf(name),
    name,
    environment_key: keys.get(idOf(name)),
    connection: connectionOf(name),
    ...TROUBLES[name]?.options,
  }));
}

/** The configuration of the exporter that the runbooks are about. */
export function troubledConfiguration(addresses: Addresses) {
  const names = NAMES.filter((name) => TROUBLES[name]!.configured !== false);
  return {
    connections: connectionsOf(addresses),
    discovery: { enabled: true, include: ['found-*'], max_environments: 1 },
    environments: [...environmentsOf(addresses, names), { id: 'env_gone', name: 'gone' }],
    // As slow as the conditions allow: every read costs this test time.
    poll: { stats_interval: '30s', list_interval: '1m' },
    state_file: addresses.stateFile,
    server: { listen: '127.0.0.1:0' },
  };
}

/** A second exporter that cannot read what the first one reads, and has other thresholds. */
export function replicaConfiguration(addresses: Addresses) {
  return {
    connections: { replica: connectionsOf(addresses).down },
    environments: environmentsOf(addresses, ['replica']),
    thresholds: { queue_depth: { warning: 50 } },
    server: { listen: '127.0.0.1:0' },
  };
}

/** What `check --live` is asked about: few environments, none of which it has to wait for. */
export function checkedConfiguration(addresses: Addresses) {
  const names = ['no-workers', 'refused-1', 'refused-list'];
  const connections = connectionsOf(addresses);
  return {
    connections: Object.fromEntries(names.map(connectionOf).map((name) => [name, connections[name]])),
    environments: environmentsOf(addresses, names),
  };
}
