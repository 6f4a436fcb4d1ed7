import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { GoTool } from './go-tools.ts';
import { buildArguments, cachedTool, moduleFolder } from './tool-cache.ts';

/**
 * One build at a time, and none of what is there by then. The file appears whole or not at all, also where there is
 * no flock (macOS), and two may build the same.
 */
const BUILD = `
  file=$1; shift
  ! command -v flock >/dev/null || { exec 9>"$(dirname "$file")/lock"; flock 9; }
  [ -x "$file" ] || { go build -o "$file.$$" "$@" && mv "$file.$$" "$file"; }
`;

/** The tools that are not in the cache yet. */
export function toolsToBuild(tools: readonly GoTool[]): GoTool[] {
  return tools.filter((tool) => !existsSync(cachedTool(tool)));
}

/** Builds what the cache lacks, one after the other, and says so, as each takes minutes. Throws when one fails. */
export function buildTools(tools: readonly GoTool[], say: (line: string) => void): void {
  for (const tool of toolsToBuild(tools)) {
    const file = cachedTool(tool);
    say(`Building ${tool.name} from ${tool.module}, once for this machine …`);
    mkdirSync(dirname(file), { recursive: true });
    const args = [file, ...buildArguments(tool), join(tool.module, tool.main)];
    const { status } = spawnSync('sh', ['-c', BUILD, 'build', ...args], {
      cwd: moduleFolder(tool),
      // No C compiler is needed, and a newer Go is fetched when go.mod asks for one, which Debian's Go does not by itself.
      env: { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'auto' },
      stdio: ['ignore', 2, 2],
    });
    if (status !== 0) throw new Error(`${tool.name} was not built: \`go build\` in test/tools/${tool.folder} says why`);
  }
}
