import { execFile } from 'node:child_process';
import { toolPath } from '../../support/tool-path.ts';

export interface ToolResult {
  readonly ok: boolean;
  /** Both streams together. */
  readonly output: string;
  readonly stdout: string;
}

/** Runs one of Prometheus' own tools; a missing tool is an error, a failed check is a result. */
export function runTool(command: 'promtool' | 'promtool-3' | 'amtool', args: readonly string[]): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    execFile(
      command === 'promtool-3' ? toolPath(command) : command,
      args,
      { maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== 'number') {
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
