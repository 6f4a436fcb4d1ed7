import type { Problem, Source } from '../config/problem.ts';
import { merged } from '../config/settings.ts';
import { SETTINGS } from '../simulator/scenario-schema.ts';
import type { Script } from '../simulator/scenarios.ts';
import type { Simulation } from '../simulator/simulation.ts';
import { PRESETS } from '../wire/presets.ts';

export type Tree = Readonly<Record<string, unknown>>;

/** Where an exporter of a rehearsal has its files, in memory. */
export const FILES = {
  config: '/rehearse/exporter.json',
  keys: '/rehearse/keys',
  state: '/rehearse/state.json',
} as const;

/** What of a configuration leads elsewhere: keys, addresses, files. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  'api_key',
  'api_key_file',
  'environment_key',
  'environment_key_file',
  'environment_keys_dir',
  'base_url',
  'ca_file',
  'workspace_id',
  'provider',
]);

/** The configuration of a real exporter without keys, addresses and files. */
export function withoutElsewhere(tree: Tree): Tree {
  const { server: _, log: __, state_file: ___, shard: ____, ...rest } = tree;
  return JSON.parse(JSON.stringify(rest, (key, value) => (ELSEWHERE.has(key) ? undefined : value)));
}

/** How a simulated connection is addressed. */
export function hostOf(connection: string): string {
  return `${connection.toLowerCase().replaceAll('_', '-')}.rehearse.invalid`;
}

interface Parts {
  readonly api?: Tree;
  readonly connections?: Readonly<Record<string, Tree>>;
  readonly environments?: readonly Tree[];
  readonly discovery?: Tree;
}

/** The configuration of one replica, and the files of keys that it names. */
export function exporterConfiguration(
  { file, environments, connections }: Script,
  simulations: ReadonlyMap<string, Simulation>,
  { base, replica }: { readonly base: Tree; readonly replica: number },
): { readonly tree: Tree; readonly keyFiles: ReadonlyMap<string, string> } {
  const { provider, exporter } = file;
  const { workspaceRequired, environmentKeys } = PRESETS[provider];
  const written = [base, exporter.config, exporter.replica_config[String(replica)] ?? {}].reduce<unknown>(merged, {});
  const { api, connections: own, environments: listed = [], discovery, ...rest } = written as Parts;
  const isDiscovered = discovery?.enabled === true;
  const withKeys = environments.map((one) => {
    const isRead = one.keys === 'both' || one.keys === 'environment-key';
    return { one, key: isRead ? simulations.get(one.connection)!.access.environmentKey(one.id) : null };
  });
  const entries = withKeys.flatMap(({ one, key }) => {
    const { id, name, connection } = one;
    const known = listed.find((entry) => entry.id === id) ?? listed.find((entry) => (entry.name ?? entry.id) === name);
    const settings = settingsOf(one);
    // What discovery finds need not be listed, unless it has settings of its own.
    if (isDiscovered && known === undefined && Object.keys(settings).length === 0) return [];
    const named = { id, name, connection, ...(key !== null && { environment_key: key }) };
    return [merged(known ?? {}, { ...settings, ...named }) as Tree];
  });
  const unlisted = withKeys.filter(({ one, key }) => key !== null && !entries.some(({ id }) => id === one.id));
  const connectionOf = (name: string) => {
    const isOwn = environments.some((one) => one.connection === name && /both|api-key/.test(one.keys));
    return {
      ...(name === 'default' && api),
      ...own?.[name],
      ...{ provider, base_url: `http://${hostOf(name)}` },
      ...((isDiscovered || isOwn) && { api_key: simulations.get(name)!.apiKey }),
      ...(workspaceRequired && { workspace_id: 'wrkspc_sim' }),
    };
  };
  const keyFolder = isDiscovered && environmentKeys && { environment_keys_dir: FILES.keys };
  const tree = {
    ...rest,
    connections: Object.fromEntries(connections.map((name) => [name, connectionOf(name)])),
    environments: entries,
    ...(discovery && { discovery: { ...discovery, ...keyFolder } }),
    ...(exporter.state_file && { state_file: FILES.state }),
  };
  return { tree, keyFiles: new Map(unlisted.map(({ one, key }) => [`${FILES.keys}/${one.id}`, key!])) };
}

/** What a scenario says of an environment of the exporter. */
export function settingsOf(environment: Tree): Tree {
  return Object.fromEntries(
    SETTINGS.flatMap((key) => (environment[key] === undefined ? [] : [[key, environment[key]]])),
  );
}

/** A problem of the made configuration, where somebody wrote it: in the scenario, or else in the configuration that was named. */
export function placed(problem: Problem, scenario: Source | null, config: Source | null): Problem {
  const parts = problem.option.split(/[.[\]]+/).filter((part) => part !== '');
  const path = parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  const isOfDefault = path[0] === 'connections' && path[1] === 'default';
  const written = [path, ...(isOfDefault ? [['api', ...path.slice(2)]] : [])];
  const ways = [
    [scenario, path] as const,
    ...written.map((one) => [scenario, ['exporter', 'config', ...one]] as const),
    ...written.map((one) => [config, one] as const),
  ];
  for (const [source, at] of ways) {
    if (source !== null && at.length > 0 && has(source.tree, at)) return { ...problem, ...source.locate(at) };
  }
  const { file = null, line = null, column = null } = (scenario ?? config)?.locate(['exporter']) ?? {};
  return { ...problem, file, line, column };
}

function has(tree: unknown, [first, ...rest]: readonly (string | number)[]): boolean {
  if (first === undefined) return true;
  if (typeof tree !== 'object' || tree === null || !Object.hasOwn(tree, first)) return false;
  return has((tree as Record<string, unknown>)[first], rest);
}
