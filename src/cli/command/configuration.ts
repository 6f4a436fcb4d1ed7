import type { Config } from '../../config/config.ts';
import type { ConfigFlags } from '../../config/file/overrides.ts';
import { formatProblem, type Problem } from '../../config/file/problem.ts';
import { type LoadResult, loadConfig } from '../../config/load/load-config.ts';
import { CommandExit, EXIT } from './command-exit.ts';
import type { CliIo } from './io.ts';

export interface ConfigOptions extends ConfigFlags {
  readonly config?: string;
}

/** Reads the configuration named by the flags and the environment. */
export function loader(io: CliIo, { config, ...flags }: ConfigOptions): () => Promise<LoadResult> {
  return () => loadConfig({ path: config ?? null, env: io.env, flags, hostName: io.hostName ?? '' });
}

/** Reads the configuration, or ends the command with every problem on stderr. */
export async function loadOrExit(
  load: () => Promise<LoadResult>,
): Promise<{ readonly config: Config; readonly notices: readonly Problem[] }> {
  const loaded = await load();
  if (!loaded.ok) throw new CommandExit(EXIT.usage, loaded.problems.map(formatProblem).join('\n'));
  return loaded;
}
