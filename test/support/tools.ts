import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { cachedTool } from '../tools/go-builds.ts';
import { GO_TOOLS, type GoToolName } from '../tools/go-tools.ts';
import { runProgram } from './processes.ts';

/**
 * For programs in Go, whose collector would run all the time over heaps as small as in tests: without this, Helm takes a
 * third more CPU, vmalert-tool a quarter and promtool a fifth. 1,600 saves no more. One thread each, since several
 * programs run side by side, some of which must answer in time.
 */
export const FRUGAL_GO = { GOGC: '400', GOMAXPROCS: '1' } as const;

/**
 * The path of a program that `test/tools/` pins and builds.
 * @throws when it is not built, with the command that builds it
 */
export function toolPath(name: GoToolName): string {
  const path = cachedTool(GO_TOOLS.find((tool) => tool.name === name)!);
  if (!existsSync(path)) throw new Error(`${name} is not built: npm run test:deploy builds it`);
  return path;
}

export type Promtool = 'promtool' | 'promtool-3';

/** Debian's, and in `npm run test:deploy` the newest. */
export const PROMTOOL: Promtool = process.env.PROMETHEUS === '3' ? 'promtool-3' : 'promtool';

export interface ToolResult {
  readonly ok: boolean;
  /** Both streams together. */
  readonly output: string;
  readonly stdout: string;
}

/** Runs one of Prometheus' own tools; a missing tool is an error, a failed check is a result. */
export async function runTool(command: Promtool | 'amtool', args: readonly string[]): Promise<ToolResult> {
  const program = command === 'promtool-3' ? toolPath(command) : command;
  const env = { ...FRUGAL_GO, TMPDIR: tmpdir() };
  const { code, stdout, stderr } = await runProgram(program, args, { env });
  return { ok: code === 0, output: `${stdout}${stderr}`, stdout };
}
