import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { startChild } from './child.ts';
import { answered } from './first-answer.ts';
import { freePort } from './free-port.ts';
import { shippedSettings } from './shipped-settings.ts';

const ROOT = join(import.meta.dirname, '..');
const PROGRAM = '../dist/main.cjs';
/** An environment of no API, as in the Dockerfile. */
const NO_API = {
  ANTHROPIC_BASE_URL: 'http://127.0.0.1:9',
  ANTHROPIC_API_KEY: 'none',
  ANTHROPIC_ENVIRONMENT_ID: 'env_none',
};

/**
 * The program as it is shipped in the image: without the cost of taking types out of its source, and with what Node
 * compiled in a start up to the first scrape. All benches of a run use it.
 */
export async function buildExporter(): Promise<void> {
  const { status } = spawnSync('npm', ['run', 'build'], { cwd: ROOT, stdio: 'ignore' });
  if (status !== 0) throw new Error('`npm run build` fails');
  rmSync(join(ROOT, '.cache/compiled'), { recursive: true, force: true });
  const port = await freePort();
  const env = { ...shippedSettings(), ...NO_API };
  const child = startChild(PROGRAM, ['serve', '--listen', `127.0.0.1:${port}`], env);
  await answered(child, port);
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

/** `serve` with a configuration. It ends when its parent does. */
export function startExporter(configuration: string): ChildProcess {
  return startChild(PROGRAM, ['serve', '--config', configuration], shippedSettings());
}
