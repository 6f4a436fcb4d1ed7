import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import type { GoTool } from './go-tools.ts';

/** The folder of a tool's `go.mod`. */
export function moduleFolder(tool: GoTool): string {
  return join(import.meta.dirname, tool.folder);
}

/** The package to build: one of the module, or that of the folder. */
export function mainPackage(tool: GoTool): string {
  return tool.main === undefined ? '.' : join(tool.module, tool.main);
}

/** The version that `go.mod` pins, such as `v0.316.0`. */
export function moduleVersion(tool: GoTool): string {
  const text = readFileSync(join(moduleFolder(tool), 'go.mod'), 'utf8');
  // The same path stands on a line of its own where it is named as a tool.
  const lines = text.split('\n').map((line) =>
    line
      .replace(/^require /, '')
      .trim()
      .split(' '),
  );
  const version = lines.find(([path, word]) => path === tool.module && word?.startsWith('v'))?.[1];
  if (version === undefined) throw new Error(`test/tools/${tool.folder}/go.mod does not require ${tool.module}`);
  return version;
}

/** What follows `go build`, but for the file to write. */
export function buildArguments(tool: GoTool): string[] {
  const stamp = tool.version && ` -X ${tool.version.variable}=${tool.version.of(moduleVersion(tool))}`;
  return [
    '-mod=readonly',
    '-trimpath',
    '-buildvcs=false',
    ...(tool.flags ?? []),
    // No debug information, and only what has to be fast is optimised: a third less to compile.
    `-gcflags=all=-dwarf=false${tool.isFast ? '' : ' -N -l'}`,
    ...(tool.fastParts ?? []).map((packages) => `-gcflags=${packages}=-dwarf=false`),
    // Neither symbols nor debug information: a third smaller, and sooner linked.
    `-ldflags=-s -w${stamp ?? ''}`,
  ];
}

/**
 * Where a tool is once it is built: outside the checkout, so that the next clone finds it, and below a name that
 * changes with whatever changes the program.
 */
export function cachedTool(tool: GoTool, env: NodeJS.ProcessEnv = process.env): string {
  const cache = env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache');
  const names = readdirSync(moduleFolder(tool)).filter((name) => /^go\.(mod|sum)$|\.go$/.test(name));
  const sources = names.toSorted().map((name) => readFileSync(join(moduleFolder(tool), name)));
  const hash = createHash('sha256');
  for (const part of [...sources, JSON.stringify(buildArguments(tool)), process.platform, process.arch])
    hash.update(part);
  const folder = `${basename(tool.folder)}-${hash.digest('hex').slice(0, 16)}`;
  return join(cache, 'anthropic-work-exporter/tools', folder, 'bin', tool.name);
}
