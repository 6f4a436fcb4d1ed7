import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { GoTool } from './go-tools.ts';

/** For what takes long to make: outside the checkout, so that the next clone finds it. */
export const CACHE = join(
  process.env.XDG_CACHE_HOME || join(process.env.HOME || homedir(), '.cache'),
  'anthropic-work-exporter',
);

/** The folder of a tool's `go.mod`. */
const moduleFolder = (tool: GoTool) => join(import.meta.dirname, tool.folder);

/** Where a tool is once it is built: below a name that changes with whatever changes the program. */
export function cachedTool(tool: GoTool): string {
  const folder = moduleFolder(tool);
  const names = readdirSync(folder).filter((name) => /^go\.(mod|sum)$|\.go$/.test(name));
  const sources = names.toSorted().map((name) => readFileSync(join(folder, name)));
  const hash = createHash('sha256');
  for (const part of [...sources, JSON.stringify(buildArguments(tool)), process.platform, process.arch])
    hash.update(part);
  return join(CACHE, 'tools', `${basename(tool.folder)}-${hash.digest('hex').slice(0, 16)}`, 'bin', tool.name);
}

/** The tools that are not in the cache yet. */
export function toolsToBuild(tools: readonly GoTool[]): GoTool[] {
  return tools.filter((tool) => !existsSync(cachedTool(tool)));
}

/**
 * Builds what the cache lacks, one after the other, and says so, as each takes minutes. One that fails does not stop
 * the next. Throws with a line for each that failed.
 */
export function buildTools(tools: readonly GoTool[]): void {
  const failures = toolsToBuild(tools).flatMap((tool) => {
    process.stderr.write(`Building ${tool.name} from ${tool.module}, once for this machine …\n`);
    try {
      return build(tool) ? [] : `${tool.name} was not built: \`go build\` in test/tools/${tool.folder} says why`;
    } catch (error) {
      return `${tool.name} was not built: ${(error as Error).message}`;
    }
  });
  if (failures.length > 0) throw new Error(failures.join('\n'));
}

/**
 * One build at a time, and none of what is there by then. The file appears whole or not at all, also where there is
 * no flock (macOS), and two may build the same.
 */
const BUILD = `
  go=$1; file=$2; shift 2
  ! command -v flock >/dev/null || { exec 9>"$(dirname "$file")/lock"; flock 9; }
  [ -x "$file" ] || { "$go" build -o "$file.$$" "$@" && mv "$file.$$" "$file"; }
`;

function build(tool: GoTool): boolean {
  const [file, folder] = [cachedTool(tool), moduleFolder(tool)];
  mkdirSync(dirname(file), { recursive: true });
  const go = goCommand(folder);
  // The package to build: one of the module, or that of the folder.
  const main = tool.main === undefined ? '.' : join(tool.module, tool.main);
  const { status } = spawnSync('sh', ['-c', BUILD, 'build', go, file, ...buildArguments(tool), main], {
    cwd: folder,
    // No C compiler is needed, and a newer Go is fetched when go.mod asks for one, which Debian's Go does not by itself.
    // GOROOT is that of the machine's Go, and no other's.
    env: { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'auto', ...(go !== 'go' && { GOROOT: '' }) },
    stdio: ['ignore', 2, 2],
  });
  return status === 0;
}

/** What follows `go build`, but for the file to write. */
function buildArguments(tool: GoTool): string[] {
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

/** The version that `go.mod` pins, such as `v0.316.0`. */
function moduleVersion(tool: GoTool): string {
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

/** The first Go that fetches a newer Go by itself when go.mod asks for one. */
const FETCHES_ITSELF = 21;

/**
 * The Go that can build the module in a folder. Debian 12 has Go 1.19, which cannot even read a go.mod of today, but
 * can download the toolchain that it names as a module.
 * @throws when that download fails, with what Go says
 */
function goCommand(folder: string): string {
  const minor = /go1\.(\d+)/.exec(go('version'))?.[1];
  if (minor === undefined || Number(minor) >= FETCHES_ITSELF) return 'go';
  const version = /^go (\S+)$/m.exec(readFileSync(join(folder, 'go.mod'), 'utf8'))![1];
  const platform = go('env', 'GOOS', 'GOARCH').split('\n').join('-');
  const answer = go('mod', 'download', '-json', `golang.org/toolchain@v0.0.1-go${version}.${platform}`);
  const { Dir } = JSON.parse(answer) as { readonly Dir: string };
  // Files of a module are not executable, and its cache is read-only; a file keeps its owner, who may change its mode.
  for (const programs of ['bin', 'pkg/tool'])
    for (const entry of readdirSync(join(Dir, programs), { recursive: true, withFileTypes: true }))
      if (entry.isFile()) chmodSync(join(entry.parentPath, entry.name), 0o755);
  return join(Dir, 'bin/go');
}

function go(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('go', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`\`go ${args.join(' ')}\` failed: ${stderr?.trim()}`);
  return stdout.trim();
}
