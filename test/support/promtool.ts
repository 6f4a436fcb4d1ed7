import { execFile } from 'node:child_process';
import { FRUGAL_GO } from './frugal-go.ts';
import { toolPath } from './tool-path.ts';

export interface ToolResult {
  readonly ok: boolean;
  /** Both streams together. */
  readonly output: string;
  readonly stdout: string;
}

/**
 * Starts a program and ends it when whoever started it is gone, however that happened: a suite that is killed leaves no
 * promtool behind that computes for minutes. The end of the standard input says so.
 */
const UNTIL_THE_END = `exec 3<&0
"$@" & tool=$!
{ cat <&3; kill $tool; } >/dev/null 2>&1 & watcher=$!
wait $tool; code=$?
kill $watcher 2>/dev/null
exit $code`;

/** The exit code of a shell that does not find the program. */
const NOT_FOUND = 127;

export type Promtool = 'promtool' | 'promtool-3';

/** Debian's, and in `npm run test:deploy` the newest. */
export const PROMTOOL: Promtool = process.env.PROMETHEUS === '3' ? 'promtool-3' : 'promtool';

/** Runs one of Prometheus' own tools; a missing tool is an error, a failed check is a result. */
export function runTool(command: Promtool | 'amtool', args: readonly string[]): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    execFile(
      'sh',
      ['-c', UNTIL_THE_END, 'sh', pathOf(command), ...args],
      { maxBuffer: 64 * 1024 * 1024, env: { ...process.env, ...FRUGAL_GO } },
      (error, stdout, stderr) => {
        if (error !== null && (typeof error.code !== 'number' || error.code === NOT_FOUND)) {
          return reject(
            new Error(`${command} cannot be run; install Debian's prometheus and prometheus-alertmanager`, {
              cause: error,
            }),
          );
        }
        resolve({ ok: error === null, output: `${stdout}${stderr}`, stdout });
      },
    );
  });
}

function pathOf(command: Promtool | 'amtool'): string {
  return command === 'promtool-3' ? toolPath(command) : command;
}
