import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { ExporterError, errorText } from '../base/errors.ts';
import { configMap } from '../dashboards/parts/config-map.ts';
import { type ShippedBoard, shippedBoards } from '../dashboards/parts/shipped-boards.ts';
import { DEFAULT_RULE_OPTIONS } from '../rules/options.ts';
import type { CliIo } from './command/io.ts';

const FORMATS = ['json', 'configmap'] as const;

interface DashboardsFlags {
  readonly out?: string;
  readonly format: (typeof FORMATS)[number];
  readonly runbookBaseUrl: string;
}

/** The directory of `--out` cannot be written. */
export class OutputError extends ExporterError {
  constructor(path: string, cause: unknown) {
    super('output_not_writable', `cannot write ${path}: ${errorText(cause)}`, {
      cause,
      remedy: 'name a directory that can be created or written with --out',
    });
  }
}

/** `dashboards`: the Grafana dashboards as files in a directory, or on stdout. */
export function dashboardsCommand(io: CliIo): Command {
  return new Command('dashboards')
    .description('write the Grafana dashboards')
    .option('--out <dir>', 'write one file per dashboard into this directory; without it all go to stdout')
    .addOption(
      new Option('--format <format>', "files to import or provision, or ConfigMaps for the sidecar of Grafana's chart")
        .choices(FORMATS)
        .default('json'),
    )
    .option(
      '--runbook-base-url <url>',
      'where the runbook pages are served; /NAME.md is appended',
      address,
      DEFAULT_RULE_OPTIONS.runbookBaseUrl,
    )
    .action(async ({ out, format, runbookBaseUrl }: DashboardsFlags) => {
      const boards = await shippedBoards(runbookBaseUrl);
      if (out === undefined) return io.stdout(format === 'json' ? jsonArray(boards) : manifests(boards));
      for (const { uid, json } of boards) {
        const path = join(out, format === 'json' ? `${uid}.json` : `${uid}.configmap.yaml`);
        await write(path, out, format === 'json' ? json : configMap(uid, json));
        io.stderr(`wrote ${path}\n`);
      }
    });
}

const jsonArray = (boards: readonly ShippedBoard[]) => `[\n${boards.map(({ json }) => json.trim()).join(',\n')}\n]\n`;
const manifests = (boards: readonly ShippedBoard[]) =>
  boards.map(({ uid, json }) => configMap(uid, json)).join('---\n');

async function write(path: string, directory: string, text: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    await writeFile(path, text);
  } catch (cause) {
    throw new OutputError(path, cause);
  }
}

/** Without a trailing slash, so that `/NAME.md` can follow. */
function address(text: string): string {
  if (!/^https?:$/.test(URL.parse(text)?.protocol ?? '')) {
    throw new InvalidArgumentError('It is not an http or https address.');
  }
  if (text.includes('$'))
    throw new InvalidArgumentError('It contains a dollar sign, which Grafana reads as a variable.');
  return text.replace(/\/+$/, '');
}
