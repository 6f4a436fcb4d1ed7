import { PRESETS } from '../wire/presets.ts';
import { isActive } from './agenda.ts';
import type { Endpoint, Fault } from './faults.ts';
import type { EnvironmentEntry, ScenarioFile, Trouble } from './scenario-schema.ts';

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

/** What is played in an environment. */
export interface Plan {
  readonly entry: ScriptEnvironment;
  /** Those that concern it, but for those of the API. */
  readonly troubles: readonly Trouble[];
}

/** @param number counts the environments in which something is played */
export function planFor({ environments, file, troubles }: Script, id: string, number: number): Plan {
  const like = environments[number % Math.min(file.environments.length, environments.length)]!;
  const entry = environments.find((one) => one.id === id) ?? like;
  const own = troubles.filter((one) => one.environments.includes(entry.id) && !OF_API.test(one.trouble.kind));
  return { entry, troubles: own.map(({ trouble }) => trouble) };
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

function faultOf(trouble: Trouble, environments: readonly string[] | undefined): readonly Fault[] {
  const { operations, share } = { operations: undefined, share: 1, ...trouble };
  const scope = {
    ...(operations && { endpoints: operations.flatMap(endpointsOf) }),
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

function endpointsOf(operation: 'stats' | 'list' | 'retrieve' | 'session' | 'environments'): readonly Endpoint[] {
  return operation === 'session' ? ['session', 'session_events'] : [operation];
}
