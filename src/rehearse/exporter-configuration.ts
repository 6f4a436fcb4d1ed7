import type { Problem, Source } from '../config/problem.ts';
import { SETTINGS } from '../simulator/scenario-schema.ts';
import type { Script, ScriptEnvironment } from '../simulator/script.ts';
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
  return without(rest) as Tree;
}

function without(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(without);
  if (!isTree(value)) return value;
  const kept = Object.entries(value).filter(([key]) => !ELSEWHERE.has(key));
  return Object.fromEntries(kept.map(([key, below]) => [key, without(below)]));
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
  const preset = PRESETS[provider];
  const merged = [base, exporter.config, exporter.replica_config[String(replica)] ?? {}].reduce(mergeTrees, {});
  const { api, connections: own, environments: listed = [], discovery, ...rest } = merged as Parts;
  const isDiscovered = discovery?.enabled === true;
  const keyOf = ({ id, connection, keys }: ScriptEnvironment) =>
    keys === 'both' || keys === 'environment-key' ? simulations.get(connection)!.access.environmentKey(id) : null;
  const entryOf = (environment: ScriptEnvironment & Tree) => {
    const { id, name, connection } = environment;
    const known = listed.find((one) => one.id === id) ?? listed.find((one) => (one.name ?? one.id) === name);
    const said = SETTINGS.filter((key) => environment[key] !== undefined).map((key) => [key, environment[key]]);
    // What discovery finds need not be listed, unless it has settings of its own.
    if (isDiscovered && said.length === 0 && known === undefined) return [];
    const key = keyOf(environment);
    const settings = mergeTrees(known ?? {}, Object.fromEntries(said));
    return [{ ...settings, id, name, connection, ...(key !== null && { environment_key: key }) }];
  };
  const connectionOf = (name: string) => {
    const isOwn = environments.some((one) => one.connection === name && /both|api-key/.test(one.keys));
    return {
      ...(name === 'default' && api),
      ...own?.[name],
      ...{ provider, base_url: `http://${hostOf(name)}` },
      ...((isDiscovered || isOwn) && { api_key: simulations.get(name)!.apiKey }),
      ...(preset.workspaceRequired && { workspace_id: 'wrkspc_sim' }),
    };
  };
  const entries = environments.flatMap(entryOf);
  const unlisted = environments.filter(({ id }) => !entries.some((entry) => entry.id === id));
  const keyFolder = isDiscovered && preset.environmentKeys && { environment_keys_dir: FILES.keys };
  return {
    tree: {
      ...rest,
      connections: Object.fromEntries(connections.map((name) => [name, connectionOf(name)])),
      environments: entries,
      ...(discovery && { discovery: { ...discovery, ...keyFolder } }),
      ...(exporter.state_file && { state_file: FILES.state }),
    },
    keyFiles: new Map(
      unlisted.flatMap((one) => (keyOf(one) === null ? [] : [[`${FILES.keys}/${one.id}`, keyOf(one)!]])),
    ),
  };
}

function mergeTrees(below: Tree, above: Tree): Tree {
  const merged = Object.entries(above).map(([key, value]) => {
    const under = below[key];
    return [key, isTree(value) && isTree(under) ? mergeTrees(under, value) : value];
  });
  return { ...below, ...Object.fromEntries(merged) };
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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
  const found = ways.find(([source, at]) => source !== null && at.length > 0 && has(source.tree, at));
  if (found !== undefined) return { ...problem, ...found[0]!.locate(found[1]) };
  const { file = null, line = null, column = null } = (scenario ?? config)?.locate(['exporter']) ?? {};
  return { ...problem, file, line, column };
}

function has(tree: unknown, [first, ...rest]: readonly (string | number)[]): boolean {
  if (first === undefined) return true;
  if (typeof tree !== 'object' || tree === null || !Object.hasOwn(tree, first)) return false;
  return has((tree as Record<string, unknown>)[first], rest);
}
