import { proxyFor, unreadProxy } from '../client/proxy.ts';
import type { Config } from '../config/config.ts';
import type { ConfigFlags } from '../config/environment.ts';
import { type LoadResult, loadConfig } from '../config/load.ts';
import { formatProblem, outsideFiles, type Problem } from '../config/problem.ts';
import { type CliIo, CommandExit, EXIT } from './command.ts';

export interface ConfigOptions extends ConfigFlags {
  readonly config?: string;
}

/** The option of every command that has a configuration. */
export const CONFIG_OPTION = [
  '--config <file>',
  'configuration file; without one, the environment variables of the SDKs are read',
] as const;

/** Reads the configuration named by the flags and the environment. */
export function loader(io: CliIo, { config, ...flags }: ConfigOptions): () => Promise<LoadResult> {
  return async () => {
    const loaded = await loadConfig({ path: config ?? null, env: io.env, flags, hostName: io.hostName });
    if (!loaded.ok) return loaded;
    const { problems, notices } = ofProxies(loaded.config, io.env);
    if (problems.length > 0) return { ok: false, problems, files: loaded.config.files };
    return { ...loaded, notices: [...loaded.notices, ...notices] };
  };
}

/** Variables that name no proxy for a connection that would go through it, and those of other programs: each once. */
function ofProxies({ connections }: Pick<Config, 'connections'>, env: CliIo['env']) {
  const origins = connections.map(({ baseUrl }) => new URL(baseUrl));
  const faults = new Map(
    origins.map((origin) => proxyFor(origin, env)).map((one) => [one?.variable ?? '', one?.fault]),
  );
  const unread = new Set(origins.flatMap((origin) => unreadProxy(origin, env) ?? []));
  const remedy = 'name the proxy in HTTPS_PROXY, or in HTTP_PROXY for an address with http://';
  return {
    problems: [...faults].flatMap(([variable, fault]) => (fault ? { ...outsideFiles(variable), ...fault } : [])),
    notices: [...unread].map((variable) => ({ ...outsideFiles(variable), what: 'is not read', remedy })),
  };
}

/** Reads the configuration, or ends the command with its problems on stderr. */
export async function loadOrExit(
  load: () => Promise<LoadResult>,
): Promise<{ readonly config: Config; readonly notices: readonly Problem[] }> {
  const loaded = await load();
  if (!loaded.ok) throw new CommandExit(EXIT.usage, loaded.problems.map(formatProblem).join('\n'));
  return loaded;
}

/** Loads a configuration that this program wrote itself; `origin` says in words where it comes from. */
export function loadText(origin: string, yaml: string, flags: ConfigFlags): () => Promise<LoadResult> {
  const files = { readFile: () => Buffer.from(yaml), readdir: () => [] };
  return async () => {
    const loaded = await loadConfig({ path: origin, env: {}, flags, files, origin });
    // There is no file to watch.
    return loaded.ok ? { ...loaded, config: { ...loaded.config, files: [] } } : loaded;
  };
}
