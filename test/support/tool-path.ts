import { existsSync } from 'node:fs';
import { GO_TOOLS, type GoToolName } from '../tools/go-tools.ts';
import { cachedTool } from '../tools/tool-cache.ts';

/**
 * The path of a program that `test/tools/` pins and builds.
 * @throws when it is not built, with the command that builds it
 */
export function toolPath(name: GoToolName, env: NodeJS.ProcessEnv = process.env): string {
  const path = cachedTool(GO_TOOLS.find((tool) => tool.name === name)!, env);
  if (!existsSync(path)) throw new Error(`${name} is not built: npm run test:deploy builds it`);
  return path;
}
