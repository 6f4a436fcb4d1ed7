import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { FRUGAL_GO } from '../support/frugal-go.ts';
import { waitUntil } from '../support/wait-until.ts';

export const EXAMPLE = new URL('../../alerts/alertmanager.example.yml', import.meta.url);

interface Configuration {
  route: Record<string, unknown> & { routes: Record<string, unknown>[] };
  receivers: { name: string; webhook_configs?: { url: string }[] }[];
}

/** The shipped example with other receivers or times; everything else stays as it is. */
export async function exampleWith(change: (configuration: Configuration) => void): Promise<string> {
  const configuration = parse(await readFile(EXAMPLE, 'utf8')) as Configuration;
  change(configuration);
  return stringify(configuration);
}

export interface Program extends AsyncDisposable {
  readonly url: string;
}

/** A real Alertmanager on loopback, without a cluster, gone with its data when disposed of. */
export async function startAlertmanager(configuration: string): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), 'alertmanager-'));
  await writeFile(join(folder, 'alertmanager.yml'), configuration);
  await copyFile(new URL('anthropic-work.tmpl', EXAMPLE), join(folder, 'anthropic-work.tmpl'));
  return startProgram(
    'prometheus-alertmanager',
    [
      `--config.file=${join(folder, 'alertmanager.yml')}`,
      `--storage.path=${join(folder, 'data')}`,
      '--cluster.listen-address=',
    ],
    folder,
  );
}

/**
 * Starts Prometheus or Alertmanager on a port that it takes itself, and waits until it says that it is ready. A port
 * that was looked for before may be taken again until a slow machine has started the program.
 */
export async function startProgram(command: string, args: readonly string[], folder: string): Promise<Program> {
  const child = spawn(command, [...args, '--web.listen-address=127.0.0.1:0'], {
    env: { ...process.env, ...FRUGAL_GO },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  let ended = false;
  const exit = once(child, 'exit').then(() => {
    ended = true;
  });
  let url = '';
  const ready = async () => {
    if (ended) throw new Error(`${command} ended: ${log}`);
    // It logs the address that it was asked for and then the one that it got.
    const port = /address="?127\.0\.0\.1:([1-9]\d*)/.exec(log)?.[1];
    if (port === undefined) return false;
    url = `http://127.0.0.1:${port}`;
    return (await fetch(`${url}/-/ready`).catch(() => null))?.ok === true;
  };
  await waitUntil(ready, { what: `${command} to be ready`, everyMs: 50 });
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exit;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
