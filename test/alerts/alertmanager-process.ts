import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
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

/** A port that was free a moment ago, for programs that cannot be asked which one they took. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export interface Program extends AsyncDisposable {
  readonly url: string;
}

/** A real Alertmanager on loopback, without a cluster, gone with its data when disposed of. */
export async function startAlertmanager(configuration: string): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), 'alertmanager-'));
  await writeFile(join(folder, 'alertmanager.yml'), configuration);
  await copyFile(new URL('anthropic-work.tmpl', EXAMPLE), join(folder, 'anthropic-work.tmpl'));
  const port = await freePort();
  return startProgram(
    'prometheus-alertmanager',
    [
      `--config.file=${join(folder, 'alertmanager.yml')}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
    ],
    { url: `http://127.0.0.1:${port}`, folder },
  );
}

/** Starts a program and waits until it says that it is ready. */
export async function startProgram(
  command: string,
  args: readonly string[],
  { url, folder }: { url: string; folder: string },
): Promise<Program> {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  let ended = false;
  const exit = once(child, 'exit').then(() => {
    ended = true;
  });
  const ready = async () => {
    if (ended) throw new Error(`${command} ended: ${log}`);
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
