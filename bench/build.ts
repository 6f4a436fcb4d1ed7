import { type ChildProcess, spawnSync } from 'node:child_process';
import { startChild } from './child.ts';
import { shippedSettings } from './shipped-settings.ts';

let isBuilt = false;

/** The program as it is shipped: without the cost of taking types out of its source. Built once, where it is asked for. */
function builtExporter(): string {
  if (!isBuilt && spawnSync('npm', ['run', 'build'], { stdio: 'ignore' }).status !== 0) {
    throw new Error('`npm run build` fails');
  }
  isBuilt = true;
  return '../dist/main.cjs';
}

/** `serve` with a configuration. It ends when its parent does. */
export function startExporter(configuration: string): ChildProcess {
  return startChild(builtExporter(), ['serve', '--config', configuration], shippedSettings());
}
