import type { Fault } from '../../../src/simulator/scenarios/fault.ts';
import type { Arrivals, EnvironmentPlan, Scenario } from '../../../src/simulator/scenarios/scenario.ts';
import { scenarioNamed } from '../../../src/simulator/scenarios/scenarios.ts';
import type { Simulator } from '../../../src/simulator/start-simulator.ts';
import { TIMEOUT_MS } from '../../support/still-clock.ts';

interface Trouble {
  /** What goes on in the environment. */
  readonly plan: EnvironmentPlan;
  /** What goes wrong with requests about it. */
  readonly faults?: readonly Fault[];
  /** Its options beside id and key. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Left to be found, or to be watched by another exporter. */
  readonly configured?: false;
}

const planOf = (scenario: string, environment = 0) => scenarioNamed(scenario).plans[environment]!;
const QUIET = planOf('idle');
const CALM = planOf('steady', 1);
/** With a tenth of the arrivals: long lists are read again and again. */
const NOBODY = withFewerArrivals(planOf('no-workers'), 10);

function withFewerArrivals({ phases, ...plan }: EnvironmentPlan, times: number): EnvironmentPlan {
  const fewer = (arrivals: Arrivals): Arrivals => ({ ...arrivals, perMinute: arrivals.perMinute / times });
  return {
    ...plan,
    phases: phases.map((phase) =>
      phase.arrivals === undefined ? phase : { ...phase, arrivals: fewer(phase.arrivals) },
    ),
  };
}

/** An environment per kind of trouble, each in the scenario of its alert. */
const TROUBLES: Readonly<Record<string, Trouble>> = {
  ...Object.fromEntries(
    Array.from({ length: 6 }, (_, number) => [`no-workers-${number + 1}`, { plan: NOBODY }] as const),
  ),
  saturated: { plan: planOf('saturated'), options: { metadata: { keys: ['team'] } } },
  'head-of-line': { plan: planOf('head-of-line') },
  'stuck-pending': { plan: planOf('stuck-pending') },
  'stale-heartbeats': { plan: planOf('stale-heartbeats') },
  'stuck-stopping': { plan: planOf('stale-heartbeats', 2) },
  ...Object.fromEntries(
    Array.from(
      { length: 6 },
      (_, number) => [`no-run-finishes-${number + 1}`, { plan: planOf('no-run-finishes') }] as const,
    ),
  ),
  'awaiting-approval': { plan: planOf('awaiting-approval'), options: { thresholds: { session_wait: '5m' } } },
  'terminated-session': { plan: planOf('terminated-session') },
  'redelivery-loop': {
    plan: planOf('redelivery-loop'),
    // A worker that has just died leaves an item in `starting`, whose ticket would mute this one.
    options: { thresholds: { redeliveries: 1, state_age: { starting: '1d' } } },
  },
  stillborn: { plan: planOf('stillborn') },
  'too-few': { plan: CALM, options: { thresholds: { min_workers: 50 } } },
  'no-count': {
    plan: NOBODY,
    options: { connection: 'odd', thresholds: { queue_age: { warning: 'never', critical: 'never' } } },
  },
  'new-state': { plan: CALM, options: { connection: 'odd' } },
  'refused-key': {
    plan: CALM,
    options: { connection: 'refused', environment_key: 'sk-ant-oat01-not-a-key-of-this-world' },
  },
  'refused-list': { plan: CALM, options: { environment_key: 'sk-ant-oat01-not-a-key-of-this-world' } },
  expiring: { plan: QUIET },
  'out-of-reach-1': { plan: QUIET, options: { connection: 'down' } },
  'out-of-reach-2': { plan: QUIET, options: { connection: 'down' } },
  limited: {
    plan: QUIET,
    options: { connection: 'limited' },
    faults: [{ kind: 'status', status: 429, environments: ['env_limited'] }],
  },
  'wrong-clock': {
    plan: QUIET,
    options: { connection: 'skewed' },
    faults: [{ kind: 'date_skew', seconds: 90, environments: ['env_wrong_clock'] }],
  },
  'small-budget': {
    plan: CALM,
    options: { connection: 'poor', poll: { stats_interval: '5s', list_interval: '10s' } },
  },
  unseen: { plan: CALM, faults: [{ kind: 'garbage', endpoints: ['stats', 'list'], environments: ['env_unseen'] }] },
  'no-list': { plan: CALM, faults: [{ kind: 'garbage', endpoints: ['list'], environments: ['env_no_list'] }] },
  archived: { plan: NOBODY },
  'no-key': { plan: CALM, options: { environment_key: undefined } },
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
  expect: 'Every alert about an environment.',
  plans: NAMES.map((name) => TROUBLES[name]!.plan),
  warmUpSeconds: 1800,
};
export const TROUBLED_ENVIRONMENTS = NAMES.map((name) => ({ id: idOf(name), name }));
export const TROUBLED_FAULTS: readonly Fault[] = NAMES.flatMap((name) => TROUBLES[name]!.faults ?? []);

/** Where requests go: the simulator, the one that changes its answers, and an address where nobody listens. */
export interface Addresses {
  readonly simulator: Simulator;
  readonly odd: string;
  readonly nowhere: string;
  readonly stateFile: string;
}

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

function connectionsOf({ simulator: { url, apiKey }, odd, nowhere }: Addresses) {
  const connection = { base_url: url, api_key: apiKey, timeout: `${TIMEOUT_MS}ms`, requests_per_minute: 2000 };
  return {
    default: { ...connection, expires: inDays(3) },
    odd: { ...connection, base_url: odd },
    refused: { ...connection, api_key: 'sk-ant-api03-not-a-key-of-this-world' },
    down: { ...connection, base_url: nowhere },
    limited: connection,
    skewed: connection,
    poor: { ...connection, requests_per_minute: 2 },
  };
}

function environmentsOf({ simulator }: Addresses, names: readonly string[]) {
  const keys = new Map(simulator.environments.map(({ id, environmentKey }) => [id, environmentKey]));
  return names.map((name) => ({
    id: idOf(name),
    name,
    environment_key: keys.get(idOf(name)),
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
    // As slow as the alerts allow: every read costs this test time.
    poll: { stats_interval: '30s', list_interval: '1m' },
    state_file: addresses.stateFile,
    server: { listen: '127.0.0.1:0' },
  };
}

/** A second exporter that cannot read what the first one reads, and has other thresholds. */
export function replicaConfiguration(addresses: Addresses) {
  return {
    connections: { default: connectionsOf(addresses).down },
    environments: environmentsOf(addresses, ['replica']),
    thresholds: { queue_depth: { warning: 50 } },
    server: { listen: '127.0.0.1:0' },
  };
}

/** What `check --live` is asked about: few environments, none of which it has to wait for. */
export function checkedConfiguration(addresses: Addresses) {
  const { default: connection, refused } = connectionsOf(addresses);
  return {
    connections: { default: connection, refused },
    environments: environmentsOf(addresses, ['no-workers-1', 'refused-key', 'refused-list', 'no-key']),
  };
}
