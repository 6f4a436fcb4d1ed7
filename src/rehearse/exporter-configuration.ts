import type { Problem, Source } from '../config/problem.ts';
import type { Script } from '../simulator/script.ts';
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

/** The configuration of one replica, and the files of keys that it names. */
export function exporterConfiguration(
  { file, environments, connections }: Script,
  simulations: ReadonlyMap<string, Simulation>,
  { base, replica }: { readonly base: Tree; readonly replica: number },
): { readonly tree: Tree; readonly keyFiles: ReadonlyMap<string, string> } {
  const { provider, exporter } = file;
  const merged = [base, exporter.config, exporter.replica_config[String(replica)] ?? {}].reduce(mergeTrees, {});
  const {
    api,
    connections: own,
    environments: listed,
    discovery,
    ...rest
  } = merged as Record<string, Tree | undefined>;
  const isDiscovered = discovery?.enabled === true;
  const hasApiKey = (name: string) =>
    isDiscovered || environments.some(({ connection, keys }) => connection === name && /both|api-key/.test(keys));
  const keyOf = ({ id, connection, keys }: (typeof environments)[number]) =>
    keys === 'both' || keys === 'environment-key' ? simulations.get(connection)!.access.environmentKey(id) : null;
  const entries = environments.map((environment) => {
    const { id, name, connection, poll, sessions, thresholds, slo, scaling, metadata, labels, expires } =
      environment as Tree & typeof environment;
    const known = ((listed ?? []) as unknown as readonly Tree[]).find((one) => one.id === id || one.name === name);
    const settings = Object.entries({ poll, sessions, thresholds, slo, scaling, metadata, labels, expires }).filter(
      ([, value]) => value !== undefined,
    );
    const key = keyOf(environment);
    const merges = mergeTrees(known ?? {}, Object.fromEntries(settings));
    return {
      ...merges,
      id,
      name,
      connection,
      ...(key !== null && { environment_key: key }),
      isPlain: settings.length === 0 && known === undefined,
    };
  });
  // What discovery finds need not be listed, unless it has settings of its own.
  const shown = entries.filter(({ isPlain }) => !isDiscovered || !isPlain).map(({ isPlain: _, ...entry }) => entry);
  const unlisted = environments.filter(({ id }) => !shown.some((entry) => entry.id === id));
  return {
    tree: {
      ...rest,
      connections: Object.fromEntries(
        connections.map((name) => [
          name,
          {
            ...(name === 'default' ? api : {}),
            ...(own?.[name] as Tree | undefined),
            ...{ provider, base_url: `http://${hostOf(name)}` },
            ...(hasApiKey(name) && { api_key: simulations.get(name)!.access.apiKey }),
            ...(PRESETS[provider].workspaceRequired && { workspace_id: 'wrkspc_sim' }),
          },
        ]),
      ),
      environments: shown,
      ...(discovery && {
        discovery: {
          ...discovery,
          ...(isDiscovered && PRESETS[provider].environmentKeys && { environment_keys_dir: FILES.keys }),
        },
      }),
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
  const path = problem.option
    .split(/[.[\]]+/)
    .filter((part) => part !== '')
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  const [first, second, ...inner] = path;
  const short = first === 'connections' && second === 'default' ? [['api', ...inner]] : [];
  const global = [path, ...short];
  const ways: readonly (readonly [Source | null, readonly (string | number)[]])[] = [
    [scenario, path],
    ...global.map((one) => [scenario, ['exporter', 'config', ...one]] as const),
    ...global.map((one) => [config, one] as const),
  ];
  for (const [source, at] of ways) {
    if (source !== null && at.length > 0 && has(source.tree, at)) return { ...problem, ...source.locate(at) };
  }
  const { file, line, column } = (scenario ?? config)?.locate(['exporter']) ?? { file: null, line: null, column: null };
  return { ...problem, file, line, column };
}

function has(tree: unknown, [first, ...rest]: readonly (string | number)[]): boolean {
  if (first === undefined) return true;
  if (typeof tree !== 'object' || tree === null || !Object.hasOwn(tree, first)) return false;
  return has((tree as Record<string, unknown>)[first], rest);
}
