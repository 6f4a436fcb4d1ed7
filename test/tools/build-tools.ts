import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { goCommand } from './go-command.ts';
import type { GoTool } from './go-tools.ts';
import { buildArguments, cachedTool, mainPackage, moduleFolder } from './tool-cache.ts';

/**
 * One build at a time, and none of what is there by then. The file appears whole or not at all, also where there is
 * no flock (macOS), and two may build the same.
 */
const BUILD = `
  go=$1; file=$2; shift 2
  ! command -v flock >/dev/null || { exec 9>"$(dirname "$file")/lock"; flock 9; }
  [ -x "$file" ] || { "$go" build -o "$file.$$" "$@" && mv "$file.$$" "$file"; }
`;

/** The tools that are not in the cache yet. */
export function toolsToBuild(tools: readonly GoTool[]): GoTool[] {
  return tools.filter((tool) => !existsSync(cachedTool(tool)));
}

/**
 * Builds what the cache lacks, one after the other, and says so, as each takes minutes. One that fails does not stop
 * the next. Throws with a line for each that failed.
 */
export function buildTools(tools: readonly GoTool[], say: (line: string) => void): void {
  const failures = toolsToBuild(tools).flatMap((tool) => {
    say(`Building ${tool.name} from ${tool.module}, once for this machine …`);
    return buildTool(tool) ?? [];
  });
  if (failures.length > 0) throw new Error(failures.join('\n'));
}

/** Returns what went wrong, or null. */
function buildTool(tool: GoTool): string | null {
  const file = cachedTool(tool);
  const folder = moduleFolder(tool);
  mkdirSync(dirname(file), { recursive: true });
  try {
    const go = goCommand(folder);
    const args = [go, file, ...buildArguments(tool), mainPackage(tool)];
    const { status } = spawnSync('sh', ['-c', BUILD, 'build', ...args], {
      cwd: folder,
      // No C compiler is needed, and a newer Go is fetched when go.mod asks for one, which Debian's Go does not by itself.
      // GOROOT is that of the machine's Go, and no other's.
      env: { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'auto', ...(go !== 'go' && { GOROOT: '' }) },
      stdio: ['ignore', 2, 2],
    });
    return status === 0
      ? null
      : `${tool.name} was not built: \`go build\` in ${join('test/tools', tool.folder)} says why`;
  } catch (error) {
    return `${tool.name} was not built: ${(error as Error).message}`;
  }
}
