import { randomStream } from '../simulator/queue/identity.ts';
import type { EnvironmentSpec } from '../simulator/queue/sim-environment.ts';
import type { Switches } from '../simulator/queue/switches.ts';
import type { Endpoint, Fault } from '../simulator/scenarios/fault.ts';
import type { Scenario } from '../simulator/scenarios/scenario.ts';
import { defaultEnvironments } from '../simulator/world/environments.ts';
import type { Simulation } from '../simulator/world/simulation.ts';
import { PRESETS } from '../wire/presets.ts';
import { CONDUCTS, environmentPlan, isActive, WARM_UP_SECONDS } from './environment-plan.ts';
import { type EnvironmentEntry, type ScenarioFile, scenarioSchema, type Trouble } from './scenario-schema.ts';

/** An environment of a rehearsal, named. */
export type RehearsedEnvironment = EnvironmentEntry & {
  readonly id: string;
  readonly name: string;
  readonly keys: NonNullable<EnvironmentEntry['keys']>;
};

/** One connection of the exporter, and the world behind it. */
export interface RehearsedConnection {
  readonly name: string;
  /** From the beginning. */
  readonly present: readonly EnvironmentSpec[];
  readonly scenario: Scenario;
  readonly switches: Partial<Switches>;
  readonly hasApiKey: boolean;
}

/** What the story tells beside the conditions, and what it does to the world. */
export interface Happening {
  readonly at: number;
  readonly event: 'trouble' | 'repair';
  readonly what: string;
  readonly environment?: string;
  readonly connection?: string;
  /** Done to the simulation of its connection. */
  readonly act?: (simulation: Simulation) => void;
}

/** A scenario made ready to be played. */
export interface Rehearsal {
  readonly title: string;
  readonly endsAt: number;
  readonly seed: number;
  readonly file: ScenarioFile;
  readonly environments: readonly RehearsedEnvironment[];
  readonly connections: readonly RehearsedConnection[];
  readonly happenings: readonly Happening[];
  faultsAt(connection: string, at: number): readonly Fault[];
}

export interface RehearsalOptions {
  readonly minutes?: number | undefined;
  readonly seed?: number | undefined;
}

const DEFAULT_MINUTES = 60;

/** One of the simulator's own scenarios, under the exporter that a file without anything describes. */
export function namedRehearsal(
  scenario: Scenario,
  entries: readonly { id: string; name: string }[],
  options: RehearsalOptions,
): Rehearsal {
  const listed =
    entries.length > 0
      ? entries
      : defaultEnvironments(3).filter((one) => one.configType === 'self_hosted' && !one.archived);
  const file = scenarioSchema.parse({ environments: listed.map(({ id, name }) => ({ id, name })) });
  const environments = named(file);
  const present = defaultEnvironments(environments);
  const what = environments.length === 1 ? (scenario.alone ?? scenario).happens : scenario.happens;
  return {
    title: scenario.name,
    endsAt: (options.minutes ?? DEFAULT_MINUTES) * 60,
    seed: options.seed ?? 1,
    ...{ file, environments },
    connections: [{ name: 'default', present, scenario, switches: {}, hasApiKey: true }],
    happenings: [{ at: 0, event: 'trouble', what, connection: 'default' }],
    faultsAt: () => [],
  };
}

/** A scenario from a file. */
export function rehearsalOf(file: ScenarioFile, title: string, options: RehearsalOptions): Rehearsal {
  const environments = named(file);
  const seed = options.seed ?? file.seed ?? 1;
  const endsAt = (options.minutes ?? file.minutes ?? DEFAULT_MINUTES) * 60;
  const isDiscovered = (file.exporter.config.discovery as { enabled?: unknown } | undefined)?.enabled === true;
  const scoped = file.troubles.map((trouble) => scopeOf(trouble, environments));
  const names = [...new Set(environments.map(({ connection }) => connection))];
  const connections = names.map((name): RehearsedConnection => {
    const own = environments.filter(({ connection }) => connection === name);
    const plans = own.map((entry) => {
      const troubles = scoped.filter(({ environments: ids }) => ids.includes(entry.id)).map(({ trouble }) => trouble);
      const random = randomStream(seed, `arrivals ${entry.id}`);
      return [entry.id, environmentPlan({ entry, troubles, endsAt, random })] as const;
    });
    return {
      name,
      present: defaultEnvironments(own.filter(({ appears }) => appears === undefined)),
      scenario: {
        ...{ name: title, happens: title, expect: '', plans: [{ phases: [] }], warmUpSeconds: WARM_UP_SECONDS },
        plansById: new Map(plans),
        skewSeconds: file.api.clock ?? 0,
      },
      switches: switchesOf(file.api),
      hasApiKey: isDiscovered || own.some(({ keys }) => keys === 'both' || keys === 'api-key'),
    };
  });
  const happenings = [...environments.flatMap(lifeOf), ...scoped.flatMap((one) => toldOf(one, environments))];
  return {
    ...{ title: file.description ?? title, endsAt, seed, file, environments, connections },
    happenings: happenings.filter(({ at }) => at <= endsAt).toSorted((one, other) => one.at - other.at),
    faultsAt: (connection, at) =>
      scoped.flatMap(({ trouble, connections: of, environments: ids }) =>
        of.includes(connection) && isActive(trouble, at) ? faultOf(trouble, ids) : [],
      ),
  };
}

/** Environments that are read with different kinds of keys cannot share a connection: its API key is for all of them. */
function named({
  environments = [scenarioSchema.shape.environments.unwrap().element.parse({})],
  keys: usual,
  provider,
}: ScenarioFile): readonly RehearsedEnvironment[] {
  const all = environments.map((entry) => {
    const name = entry.name ?? entry.id ?? 'prod';
    const keys = PRESETS[provider].environmentKeys ? (entry.keys ?? usual) : ('api-key' as const);
    return { ...entry, name, id: entry.id ?? `env_${name.replaceAll(/[^A-Za-z0-9_-]/g, '_')}`, keys };
  });
  const hasApiKey = (connection: string) =>
    all.some((one) => one.connection === connection && (one.keys === 'both' || one.keys === 'api-key'));
  return all.map((one) =>
    one.keys === 'environment-key' && hasApiKey(one.connection)
      ? { ...one, connection: `${one.connection}-environment-keys` }
      : one,
  );
}

function switchesOf(api: ScenarioFile['api']): Partial<Switches> {
  return {
    ...(api.lease !== undefined && { leaseTtlSeconds: api.lease }),
    ...(api.list_order !== undefined && { listOrder: api.list_order }),
    ...(api.max_page_size !== undefined && { maxPageSize: api.max_page_size }),
    ...(api.over_limit !== undefined && { overLimit: api.over_limit }),
    ...(api.workers_polling !== undefined && { workersPollingNull: !api.workers_polling }),
    ...(api.starting_lapses !== undefined && { startingLapses: api.starting_lapses }),
    ...(api.retention !== undefined && { retentionSeconds: api.retention }),
  };
}

interface Scoped {
  readonly trouble: Trouble;
  /** Ids. */
  readonly environments: readonly string[];
  readonly connections: readonly string[];
  /** What it is about is said so, and not by default. */
  readonly isNarrow: boolean;
}

/** What a trouble concerns: unless it says so, one of the API everything, and one of workers the first environment. */
function scopeOf(trouble: Trouble, all: readonly RehearsedEnvironment[]): Scoped {
  const names = 'environments' in trouble ? trouble.environments : undefined;
  const asked = 'connections' in trouble ? trouble.connections : undefined;
  if (OUTSIDE.test(trouble.kind)) return { trouble, environments: [], connections: [], isNarrow: false };
  const own = all.filter(({ id, name, connection }) =>
    names === undefined
      ? asked === undefined || asked.includes(connection)
      : names.includes(id) || names.includes(name),
  );
  const environments = names === undefined && !OF_API.test(trouble.kind) ? own.slice(0, 1) : own;
  const connections = [...new Set(environments.map(({ connection }) => connection))];
  return { trouble, environments: environments.map(({ id }) => id), connections, isNarrow: names !== undefined };
}

const OF_API = /^(?:api_|ages_|key_)/;
/** What happens to exporters and Prometheus. */
const OUTSIDE = /^(?:exporter_|prometheus_|scrapes_)/;

/** What the trouble itself says, as events; one for each environment, or one for a connection. */
function toldOf(
  { trouble, environments: ids, connections, isNarrow }: Scoped,
  all: readonly RehearsedEnvironment[],
): readonly Happening[] {
  const { from, to } = trouble;
  const { what } = { what: wordsOf(trouble) };
  const events = (
    about: Pick<Happening, 'environment' | 'connection'>,
    end?: Happening['act'],
  ): readonly Happening[] => [
    { at: from, event: 'trouble', what, ...about },
    ...(to === undefined ? [] : [{ at: to, event: 'repair' as const, what, ...about, ...(end && { act: end }) }]),
  ];
  if (OUTSIDE.test(trouble.kind)) return events({});
  if (OF_API.test(trouble.kind) && !isNarrow) return connections.flatMap((connection) => events({ connection }));
  return all
    .filter(({ id }) => ids.includes(id))
    .flatMap(({ id, connection }) => events({ environment: id, connection }, endOf(trouble, id)));
}

/** What whoever mends it does to the items that it left. */
function endOf(trouble: Trouble, id: string): Happening['act'] {
  if (trouble.kind !== 'bad_sessions' && trouble.kind !== 'blocked_head') return undefined;
  return (simulation) => {
    const now = simulation.catchUp();
    const queue = simulation.world.environment(id)?.queue;
    for (const work of queue?.all() ?? []) {
      if (trouble.kind === 'blocked_head') work.claimable = true;
      else if (work.conduct === CONDUCTS[trouble.conduct] && work.state !== 'stopped') queue!.stop(now, work.id, true);
    }
  };
}

function wordsOf({ kind, ...given }: Trouble): string {
  const {
    from: _,
    to: __,
    environments: ___,
    connections: ____,
    ...params
  } = { environments: 0, connections: 0, ...given };
  const shown = Object.entries(params).filter(
    ([key, value]) => value !== undefined && !(key === 'share' && value === 1),
  );
  const text = shown.map(([key, value]) => `${key.replaceAll('_', ' ')} ${String(value)}`).join(', ');
  return kind.replaceAll('_', ' ') + (text === '' ? '' : ` (${text})`);
}

/** An environment that comes or goes. */
function lifeOf({ id, name, connection, appears, archived, deleted }: RehearsedEnvironment): readonly Happening[] {
  const change = (at: number | undefined, what: string, act: (simulation: Simulation) => void): readonly Happening[] =>
    at === undefined ? [] : [{ at, event: 'trouble', what, environment: id, connection, act }];
  const of = ({ world }: Simulation) => world.environment(id);
  return [
    ...change(appears, 'appears', (simulation) => {
      simulation.createEnvironment({ name, configType: 'self_hosted', description: null, metadata: {} }, id);
    }),
    ...change(archived, 'is archived', (simulation) => {
      simulation.catchUp();
      const environment = of(simulation);
      if (environment !== null) simulation.world.archive(environment);
    }),
    ...change(deleted, 'is deleted', (simulation) => {
      simulation.catchUp();
      const environment = of(simulation);
      if (environment !== null) simulation.world.remove(environment);
    }),
  ];
}

const ENDPOINTS_OF: Readonly<Record<string, readonly Endpoint[]>> = {
  stats: ['stats'],
  list: ['list'],
  retrieve: ['retrieve'],
  session: ['session', 'session_events'],
  environments: ['environments'],
};

/** What a trouble of the API does to requests about these environments. */
function faultOf(trouble: Trouble, ids: readonly string[]): readonly Fault[] {
  const { operations, environments, share } = { operations: undefined, environments: undefined, share: 1, ...trouble };
  const scope = {
    ...(operations && { endpoints: operations.flatMap((one) => ENDPOINTS_OF[one]!) }),
    ...(environments && { environments: ids }),
    ...(share < 1 && { probability: share }),
  };
  switch (trouble.kind) {
    case 'api_error': {
      const { status, retry_after: retryAfterSeconds } = trouble;
      return [{ kind: 'status', status, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }), ...scope }];
    }
    case 'api_limited':
      return [{ kind: 'status', status: 429, retryAfterSeconds: trouble.retry_after, ...scope }];
    case 'api_timeout':
      return [{ kind: 'hang', ...scope }];
    case 'api_unreachable':
      return [{ kind: 'reset', ...scope }];
    case 'api_garbage':
      return [{ kind: 'garbage', status: trouble.status, ...scope }];
    case 'api_slow':
      return [{ kind: 'latency', seconds: trouble.latency, ...scope }];
    case 'api_cached':
      return [{ kind: 'cached', ageSeconds: trouble.age, ...scope }];
    case 'api_lags':
      return [{ kind: 'outdated', seconds: trouble.behind, ...scope }];
    case 'ages_withheld':
      return [{ kind: 'no_oldest', ...scope }];
    case 'key_refused': {
      const keys =
        trouble.key === 'both'
          ? undefined
          : [trouble.key === 'api-key' ? ('api_key' as const) : ('environment_key' as const)];
      return [{ kind: 'revoked', ...(keys && { keys }), ...scope }];
    }
    default:
      return [];
  }
}
