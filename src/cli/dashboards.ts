import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { ExporterError, errorText, systemErrorCode } from '../base/errors.ts';
import { configMap } from '../dashboards/files/config-map.ts';
import { galleryBoard } from '../dashboards/files/gallery-board.ts';
import { type ShippedBoard, shippedBoards } from '../dashboards/files/shipped-boards.ts';
import type { CliIo } from './command/io.ts';
import { linkBase } from './command/link-base.ts';

const FORMATS = ['json', 'configmap', 'gallery'] as const;

interface DashboardsFlags {
  readonly out?: string;
  readonly format: (typeof FORMATS)[number];
  readonly runbookBaseUrl?: string;
}

/** The directory of `--out` cannot be written. */
export class OutputError extends ExporterError {
  constructor(path: string, cause: unknown) {
    super('output_not_writable', `cannot write ${path}: ${errorText(cause)}`, {
      cause,
      remedy: 'pass a writable directory to --out',
    });
  }
}

/** `dashboards`: the Grafana dashboards as files in a directory, or on stdout. */
export function dashboardsCommand(io: CliIo): Command {
  return new Command('dashboards')
    .description('write the Grafana dashboards')
    .option('--out <dir>', 'write one file per dashboard into this directory; without it all go to stdout', directory)
    .addOption(
      new Option(
        '--format <format>',
        "files to provision, ConfigMaps for the sidecar of Grafana's chart, or files for grafana.com",
      )
        .choices(FORMATS)
        .default('json'),
    )
    .option(
      '--runbook-base-url <url>',
      'where the runbook pages are served; /NAME.md is appended; without it alerts have no link',
      linkBase,
    )
    .action(async ({ out, format, runbookBaseUrl }: DashboardsFlags) => {
      const shipped = await shippedBoards(runbookBaseUrl ?? null);
      const boards = format === 'gallery' ? shipped.map(toGallery) : shipped;
      if (out === undefined) return io.stdout(format === 'configmap' ? manifests(boards) : jsonArray(boards));
      for (const { uid, json } of boards) {
        const path = join(out, format === 'configmap' ? `${uid}.configmap.yaml` : `${uid}.json`);
        await write(path, format === 'configmap' ? configMap(uid, json) : json);
        io.stderr(`wrote ${path}\n`);
      }
    });
}

const toGallery = ({ uid, json }: ShippedBoard): ShippedBoard => ({ uid, json: galleryBoard(json) });
const jsonArray = (boards: readonly ShippedBoard[]) => `[\n${boards.map(({ json }) => json.trim()).join(',\n')}\n]\n`;
const manifests = (boards: readonly ShippedBoard[]) =>
  boards.map(({ uid, json }) => configMap(uid, json)).join('---\n');

async function write(path: string, text: string): Promise<void> {
  // Fails where the current directory was removed; then no other directory helps, and a relative path cannot be used.
  const whole = resolve(path);
  try {
    await makeDirectory(dirname(whole));
    await writeFile(whole, text);
  } catch (cause) {
    throw new OutputError(path, cause);
  }
}

/**
 * Not `recursive`: Node then never gives up where the system denies that an existing parent is there, as /proc does.
 */
async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const code = systemErrorCode(error);
    // A file of that name fails at the write.
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeDirectory(dirname(path));
    await mkdir(path);
  }
}

/** A variable of a script that is not set would put the files wherever the script runs. */
function directory(text: string): string {
  if (text === '') throw new InvalidArgumentError('It is empty.');
  return text;
}
