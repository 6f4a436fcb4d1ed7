import type { Fault } from '../../../src/simulator/scenarios/fault.ts';
import type { EnvironmentPlan, Scenario } from '../../../src/simulator/scenarios/scenario.ts';
import { scenarioNamed } from '../../../src/simulator/scenarios/scenarios.ts';
import type { Simulator } from '../../../src/simulator/start-simulator.ts';
import { TIMEOUT_MS } from '../../support/still-clock.ts';

interface Trouble {
  /** What goes on in the environment. */
  readonly plan: EnvironmentPlan;
  /** Those of its name share what befalls several; each of the others has one of its own. */
  readonly connection?: string;
  /** What goes wrong with requests about it. */
  readonly faults?: readonly Fault[];
  /** Its options beside id, key and connection. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Left to be found, or to be watched by another exporter. */
  readonly configured?: false;
}

const planOf = (scenario: string, environment = 0) => scenarioNamed(scenario).plans[environment]!;
const QUIET = planOf('idle');
const CALM = planOf('steady', 1);
const WITHOUT_KEY = { environment_key: 'sk-ant-oat01-not-a-key-of-this-world' };
const NEVER = { warning: 'never', critical: 'never' };

/** Few arrivals: long lists are read again and again. */
const NOBODY: EnvironmentPlan = { phases: [{ seconds: 86_400, arrivals: { perMinute: 0.4, atOnce: 1 }, fleets: [] }] };

function nobodyBoots(): EnvironmentPlan {
  const [phase] = planOf('no-first-heartbeat').phases;
  const [fleet] = phase!.fleets!;
  return { phases: [{ ...phase!, fleets: [{ ...fleet!, misbehaviour: { habit: 'dies-after-ack', share: 1 } }] }] };
}

/** An environment per kind of trouble. */
const TROUBLES: Readonly<Record<string, Trouble>> = {
  'no-workers': { plan: NOBODY },
  'nobody-boots': { plan: nobodyBoots(), options: { thresholds: { state_age: { starting: '2m' }, queue_age: NEVER } } },
  'no-run-finishes': { plan: planOf('no-run-finishes') },
  'fleet-1': { plan: NOBODY, connection: 'fleets' },
  'fleet-2': { plan: NOBODY, connection: 'fleets' },
  'fleet-3': { plan: NOBODY, connection: 'fleets' },
  saturated: { plan: planOf('saturated') },
  'too-deep': {
    plan: planOf('saturated'),
    options: { thresholds: { queue_age: NEVER, queue_depth: { warning: 5, critical: 10 } } },
  },
  'stale-heartbeats': { plan: planOf('stale-heartbeats') },
  'awaiting-approval': { plan: planOf('awaiting-approval'), options: { thresholds: { session_wait: '5m' } } },
  'redelivery-loop': { plan: planOf('redelivery-loop'), options: { thresholds: { redeliveries: 1 } } },
  stillborn: { plan: planOf('stillborn') },
  'too-few': { plan: CALM, options: { thresholds: { min_workers: 50 } } },
  archived: { plan: NOBODY },
  'refused-1': { plan: QUIET, connection: 'refused', options: WITHOUT_KEY },
  'refused-2': { plan: QUIET, connection: 'refused', options: WITHOUT_KEY },
  'refused-list': { plan: CALM, options: WITHOUT_KEY },
  'out-of-reach-1': { plan: QUIET, connection: 'down' },
  'out-of-reach-2': { plan: QUIET, connection: 'down' },
  limited: { plan: QUIET, faults: [{ kind: 'status', status: 429 }] },
  unseen: { plan: CALM, faults: [{ kind: 'garbage', endpoints: ['stats', 'list'] }] },
  'no-list': { plan: CALM, faults: [{ kind: 'garbage', endpoints: ['list'] }] },
  'found-1': { plan: QUIET, configured: false },
  'found-2': { plan: QUIET, configured: false },
  replica: { plan: QUIET },
};

export const idOf = (name: string) => `env_${name.replaceAll('-', '_')}`;
const NAMES = Object.keys(TROUBLES);

/** Half an hour of all troubles at once has passed when it begins. */
export const TROUBLED_SCENARIO: Scenario = {
  name: 'troubled',
  happens: 'Everything goes wrong at once, each trouble in an environment of its own.',
  expect: 'Every condition.',
  plans: NAMES.map((name) => TROUBLES[name]!.plan),
  warmUpSeconds: 1800,
};
export const TROUBLED_ENVIRONMENTS = NAMES.map((name) => ({ id: idOf(name), name }));
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
