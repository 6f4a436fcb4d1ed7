import { PRESETS } from '../wire/presets.ts';
import type { Endpoint, Fault } from './faults.ts';
import { type EnvironmentEntry, type ScenarioFile, scenarioSchema, type Trouble } from './scenario-schema.ts';
import type { Switches } from './switches.ts';
import { isActive } from './timing.ts';

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
  /** After so many environments, the next ones are like the first ones. */
  readonly kinds: number;
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

const DEFAULT_MINUTES = 60;

export function scriptOf(
  file: ScenarioFile,
  { name, expect = '', minutes, seed, environments }: ScriptOptions,
): Script {
  const written = file.environments ?? [scenarioSchema.shape.environments.unwrap().element.parse({})];
  const listed = environments?.map((one, number) => ({ ...written[number % written.length]!, ...one })) ?? written;
  const all = named(listed, file);
  const kinds = written.length;
  const likes = (number: number) => written[number % kinds]!;
  return {
    name,
    happens: file.description ?? name,
    expect,
    seed: seed ?? file.seed ?? 1,
    endsAt: (minutes ?? file.minutes ?? DEFAULT_MINUTES) * 60,
    file,
    environments: all,
    kinds,
    connections: [...new Set(all.map(({ connection }) => connection))],
    troubles: file.troubles.map((trouble) => scopeOf(trouble, { all, kinds, likes })),
  };
}

/** What is played in an environment. */
export interface Plan {
  readonly entry: ScriptEnvironment;
  /** Those that concern it, but for those of the API. */
  readonly troubles: readonly Trouble[];
}

/** @param number counts the environments in which something is played */
export function planFor({ environments, kinds, troubles }: Script, id: string, number: number): Plan {
  const entry =
    environments.find((one) => one.id === id) ?? environments[number % Math.min(kinds, environments.length)]!;
  const own = troubles.filter((one) => one.environments.includes(entry.id) && !OF_API.test(one.trouble.kind));
  return { entry, troubles: own.map(({ trouble }) => trouble) };
}

/** Environments that are read with different kinds of keys cannot share a connection: its API key is for all of them. */
function named(
  entries: readonly EnvironmentEntry[],
  { keys: usual, provider }: ScenarioFile,
): readonly ScriptEnvironment[] {
  const all = entries.map((entry) => {
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

/** What a scenario says of the API. */
export function switchesOf({ api }: ScenarioFile): Partial<Switches> {
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

/** What happens to the API, and what to exporters and Prometheus. */
export const OF_API = /^(?:api_|ages_|key_)/;
export const OUTSIDE = /^(?:exporter_|prometheus_|scrapes_)/;

/** Unless it says so, a trouble of the API concerns everything, and one of workers the first environment and those like it. */
function scopeOf(
  trouble: Trouble,
  environments: {
    readonly all: readonly ScriptEnvironment[];
    readonly kinds: number;
    readonly likes: (number: number) => EnvironmentEntry;
  },
): Scoped {
  if (OUTSIDE.test(trouble.kind)) return { trouble, environments: [], connections: [], isNarrow: false };
  const { all, kinds, likes } = environments;
  const names = 'environments' in trouble ? trouble.environments : undefined;
  const asked = 'connections' in trouble ? trouble.connections : undefined;
  const own = all.filter(({ id, name, connection }, number) => {
    if (names !== undefined) return [id, name, likes(number).name ?? name].some((one) => names.includes(one));
    return (asked?.includes(connection) ?? true) && (OF_API.test(trouble.kind) || number % kinds === 0);
  });
  return {
    trouble,
    environments: own.map(({ id }) => id),
    connections: [...new Set(own.map(({ connection }) => connection))],
    isNarrow: names !== undefined,
  };
}

/** Seconds by which the API's clock is ahead. @param connection null: where one world is behind all connections */
export function skewAt({ file, troubles }: Script, connection: string | null, at: number): number {
  return troubles.reduce(
    (sum, { trouble, connections }) =>
      trouble.kind === 'api_clock' && isActive(trouble, at) && (connection === null || connections.includes(connection))
        ? sum + trouble.ahead
        : sum,
    file.api.clock ?? 0,
  );
}

/** What happens to requests at this second. @param connection null: where one world is behind all connections */
export function faultsAt(script: Script, connection: string | null, at: number): readonly Fault[] {
  return script.troubles.flatMap((scoped) => {
    const { trouble, connections, environments, isNarrow } = scoped;
    if (!OF_API.test(trouble.kind) || !isActive(trouble, at)) return [];
    if (connection !== null && !connections.includes(connection)) return [];
    const isEverywhere = connection !== null || connections.length === script.connections.length;
    return faultOf(trouble, isNarrow || !isEverywhere ? environments : undefined);
  });
}

const ENDPOINTS_OF: Readonly<Record<string, readonly Endpoint[]>> = {
  stats: ['stats'],
  list: ['list'],
  retrieve: ['retrieve'],
  session: ['session', 'session_events'],
  environments: ['environments'],
};

function faultOf(trouble: Trouble, environments: readonly string[] | undefined): readonly Fault[] {
  const { operations, share } = { operations: undefined, share: 1, ...trouble };
  const scope = {
    ...(operations && { endpoints: operations.flatMap((one) => ENDPOINTS_OF[one]!) }),
    ...(environments && { environments: [...environments] }),
    ...(share < 1 && { probability: share }),
  };
  switch (trouble.kind) {
    case 'api_error':
      return [{ kind: 'status', status: trouble.status, retryAfterSeconds: trouble.retry_after, ...scope }];
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
    case 'key_refused':
      return [{ kind: 'revoked', ...(trouble.key !== 'both' && { keys: [KEY_KINDS[trouble.key]] }), ...scope }];
    default:
      return [];
  }
}

const KEY_KINDS = { 'api-key': 'api_key', 'environment-key': 'environment_key' } as const;
