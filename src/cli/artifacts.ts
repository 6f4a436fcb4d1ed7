import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { errorText } from '../base/errors.ts';
import { configurationSchema } from '../config/options.ts';
import { type BoardFile, boardFiles, configMap, galleryBoard } from '../dashboards/files.ts';
import { RULE_FORMATS, type RuleFormat, renderRules } from '../rules/render.ts';
import { DEFAULT_RULE_OPTIONS, RULE_SETS, type RuleSet } from '../rules/rule.ts';
import { type CliIo, CommandExit, EXIT } from './command.ts';

/** `schema`: the configuration's JSON Schema, for editors and CI. */
export function addSchema(program: Command, io: CliIo): void {
  program
    .command('schema')
    .description("print the configuration's JSON Schema")
    .action(() => io.stdout(`${JSON.stringify(configurationSchema(), null, 2)}\n`));
}

interface RulesFlags {
  readonly job: string;
  readonly format: RuleFormat;
  readonly set: RuleSet;
  readonly runbookBaseUrl?: string;
  readonly dashboardBaseUrl?: string;
}

/** `rules`: the alert and recording rules, for a scrape job named by the user. */
export function addRules(program: Command, io: CliIo): void {
  const formats = new Option('--format <format>', 'a rule file, a PrometheusRule object, or a mixin in jsonnet');
  const sets = new Option('--set <set>', 'all alerts, or a small set to start with');
  program
    .command('rules')
    .description('print the alert and recording rules')
    .option('--job <name>', 'the scrape job of the exporter in Prometheus', jobName, DEFAULT_RULE_OPTIONS.job)
    .addOption(formats.choices(RULE_FORMATS).default('prometheus'))
    .addOption(sets.choices(RULE_SETS).default(DEFAULT_RULE_OPTIONS.set))
    .option('--runbook-base-url <url>', 'where the runbook pages are served: /NAME.md is appended', linkBase)
    .option('--dashboard-base-url <url>', 'the address of Grafana: /d/UID is appended', linkBase)
    .action(({ format, ...options }: RulesFlags) =>
      io.stdout(renderRules(format, { ...DEFAULT_RULE_OPTIONS, ...options })),
    );
}

function jobName(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It is empty; name the scrape job as in scrape_configs.');
  // It becomes a label of two alerts.
  if (text.includes('{{')) throw new InvalidArgumentError('It has two braces, which Prometheus reads as a template.');
  return text;
}

const BOARD_FORMATS = { json: ({ json }: BoardFile) => json, configmap: configMap, gallery: galleryBoard };

interface DashboardsFlags {
  readonly out?: string;
  readonly format: keyof typeof BOARD_FORMATS;
  readonly runbookBaseUrl?: string;
}

/** `dashboards`: the Grafana dashboards as files in a directory, or on stdout. */
export function addDashboards(program: Command, io: CliIo): void {
  const formats = new Option(
    '--format <format>',
    "files to provision, ConfigMaps for the sidecar of Grafana's chart, or files for grafana.com",
  );
  program
    .command('dashboards')
    .description('write the Grafana dashboards')
    .option('--out <dir>', 'write one file per dashboard into this directory; without it all go to stdout', directory)
    .addOption(formats.choices(Object.keys(BOARD_FORMATS)).default('json'))
    .option('--runbook-base-url <url>', 'where the runbook pages are served: /NAME.md is appended', linkBase)
    .action((flags: DashboardsFlags) => dashboards(io, flags));
}

async function dashboards(io: CliIo, { out, format, runbookBaseUrl }: DashboardsFlags): Promise<void> {
  const isYaml = format === 'configmap';
  const boards = boardFiles(runbookBaseUrl ?? null).map((board) => {
    return { name: `${board.uid}.${isYaml ? 'configmap.yaml' : 'json'}`, text: BOARD_FORMATS[format](board) };
  });
  if (out === undefined) {
    const texts = boards.map(({ text }) => text);
    return io.stdout(isYaml ? texts.join('---\n') : `[\n${texts.map((text) => text.trim()).join(',\n')}\n]\n`);
  }
  for (const { name, text } of boards) {
    const path = join(out, name);
    try {
      await mkdir(out, { recursive: true });
      await writeFile(path, text);
    } catch (error) {
      const what = `cannot write ${path}: ${errorText(error)}`;
      throw new CommandExit(EXIT.failed, `${what}; pass a writable directory to --out`);
    }
    io.stderr(`wrote ${path}\n`);
  }
}

/** A variable of a script that is not set would put the files wherever the script runs. */
function directory(text: string): string {
  if (text === '') throw new InvalidArgumentError('It is empty.');
  return text;
}

/** The address that links begin with, without a trailing slash, so that a path can follow. @throws InvalidArgumentError */
export function linkBase(text: string): string {
  const isAddress = /^https?:\/\//i.test(text) && URL.canParse(text);
  if (!isAddress) throw new InvalidArgumentError('It is not an http or https address.');
  // Prometheus reads braces as a template and Grafana a $ as a variable; after a query no path follows; a login would be seen.
  if (/[{}$@?#\s"\\]/.test(text))
    throw new InvalidArgumentError('It has a login, a query, a fragment or one of { } $ " \\, or white space.');
  return text.replace(/\/+$/, '');
}
