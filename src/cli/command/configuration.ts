import { proxyFault, unreadProxy } from '../../client/http/proxy.ts';
import type { Config } from '../../config/config.ts';
import type { ConfigFlags } from '../../config/file/overrides.ts';
import { formatProblem, outsideFiles, type Problem } from '../../config/file/problem.ts';
import { type LoadResult, loadConfig } from '../../config/load/load-config.ts';
import { loadInThread } from '../../config/load/load-thread.ts';
import { CommandExit, EXIT } from './command-exit.ts';
import type { CliIo } from './io.ts';

export interface ConfigOptions extends ConfigFlags {
  readonly config?: string;
}

/** To load so many environments takes a tenth of a second; from then on, a reload has a thread of its own. */
const MANY = 100;

/** Reads the configuration named by the flags and the environment. */
export function loader(io: CliIo, { config, ...flags }: ConfigOptions): () => Promise<LoadResult> {
  let environments = 0;
  return async () => {
    const options = { path: config ?? null, env: io.env, flags, hostName: io.hostName };
    const loaded = await (environments < MANY ? loadConfig(options) : loadInThread(options));
    if (!loaded.ok) return loaded;
    environments = loaded.config.environments.length;
    const problems = proxyProblems(loaded.config, io.env);
    if (problems.length > 0) return { ok: false, problems, files: loaded.config.files };
    return { ...loaded, notices: [...loaded.notices, ...unreadProxies(loaded.config, io.env)] };
  };
}

/** Variables that name no proxy, for a connection that would go through it: each once. */
function proxyProblems({ connections }: Pick<Config, 'connections'>, env: CliIo['env']): readonly Problem[] {
  const faults = connections.flatMap(({ baseUrl }) => proxyFault(new URL(baseUrl), env) ?? []);
  const problems = faults.map(({ variable, what, remedy }) => ({ ...outsideFiles(variable), what, remedy }));
  return [...new Map(problems.map((problem) => [problem.option, problem])).values()];
}

/** Says that the proxy which a variable of other programs names is not used, for a connection that has no other. */
function unreadProxies({ connections }: Pick<Config, 'connections'>, env: CliIo['env']): readonly Problem[] {
  const unread = connections.flatMap(({ baseUrl }) => unreadProxy(new URL(baseUrl), env) ?? []);
  return [...new Set(unread)].map((variable) => ({
    ...outsideFiles(variable),
    what: 'is not read',
    remedy: 'name the proxy in HTTPS_PROXY, or in HTTP_PROXY for an address with http://',
  }));
}

/** Reads the configuration, or ends the command with its problems on stderr. */
export async function loadOrExit(
  load: () => Promise<LoadResult>,
): Promise<{ readonly config: Config; readonly notices: readonly Problem[] }> {
  const loaded = await load();
  if (!loaded.ok) throw new CommandExit(EXIT.usage, loaded.problems.map(formatProblem).join('\n'));
  return loaded;
}
