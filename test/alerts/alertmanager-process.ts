import { copyFile, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { type Program, startProgram } from '../support/prometheus.ts';

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
