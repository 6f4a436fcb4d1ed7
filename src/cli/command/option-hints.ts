import type { Command } from 'commander';
import { listed } from '../../base/text.ts';
import { eachOption } from '../../config/file/option-tree.ts';
import { printsResult } from './prints-result.ts';

/** Options of other exporters, and short ones that people try; commander finds those that are near by their letters. */
const OPTION_ALIASES: Readonly<Record<string, string>> = {
  '-c': '--config',
  '-f': '--config',
  '--config-file': '--config',
  '--config.file': '--config',
  '--file': '--config',
  '--address': '--listen',
  '--bind': '--listen',
  '--host': '--listen',
  '--listen-address': '--listen',
  '-p': '--listen',
  '--port': '--listen',
  '--web.listen-address': '--listen',
  '--debug': '--log-level debug',
  '--log.level': '--log-level',
  '--verbose': '--log-level debug',
  '--log.format': '--log-format',
  '--grafana-url': '--dashboard-base-url',
  '--dashboard-url': '--dashboard-base-url',
  '--runbook-url': '--runbook-base-url',
  '--runbooks-url': '--runbook-base-url',
  '--url': '--exporter',
  '-o': '--out',
  '-v': '--version',
};

/** What other programs have as an option, and this one as a command. */
const AS_COMMAND: Readonly<Record<string, string>> = {
  '--check': 'check',
  '--check-config': 'check',
  '--demo': 'demo',
  '--dry-run': 'check',
  '--once': 'once',
  '--test': 'check',
  '--validate': 'check',
};

/** What such programs take as an option, and this one from its configuration file, by other names than there. */
const IN_THE_FILE: Readonly<Record<string, string>> = {
  '--env': 'environments[].id',
  '--environment': 'environments[].id',
  '--environment-id': 'environments[].id',
  '--web.config.file': 'server.web_config_file',
  '--web.config': 'server.web_config_file',
};

/** Which commands have an option that not all have: it may be meant for one of them. */
export const COMMANDS_OF: Readonly<Record<string, readonly string[]>> = {
  '--check': ['rehearse'],
  '--config': ['serve', 'once', 'check', 'rehearse'],
  '--dashboard-base-url': ['rules'],
  '--environments': ['simulate'],
  '--exporter': ['drill'],
  '--format': ['once', 'rehearse', 'rules', 'dashboards'],
  '--job': ['rules'],
  '--json': ['check', 'simulate', 'demo'],
  '--listen': ['serve', 'simulate', 'demo'],
  '--live': ['check'],
  '--log-format': ['serve'],
  '--log-level': ['serve'],
  '--minutes': ['rehearse'],
  '--out': ['dashboards'],
  '--preset': ['simulate'],
  '--runbook-base-url': ['rules', 'dashboards'],
  '--scenario': ['simulate', 'demo', 'rehearse'],
  '--schema': ['rehearse'],
  '--seed': ['simulate', 'rehearse'],
  '--set': ['rules'],
  '--shard': ['serve', 'check'],
  '--speed': ['simulate'],
};

const TO_A_FILE = ['-o', '--out', '--output', '--output-file'];

/** Adds to commander's error about an unknown option what is called so elsewhere; other errors stay as they are. */
export function withOptionMeant(error: string, command: Command): string {
  const [, written = ''] = /^error: unknown option '([^'=]*)/.exec(error) ?? [];
  // Programs in Go take a long option with one dash.
  const unknown = written.replace(/^-(?=[^-]{2})/, '--');
  const hint = unknown === '' ? null : hintFor(unknown, command);
  if (hint === null) return error;
  // What is near by its letters is not meant, where the word means something.
  return `${error.replace(/\n\(Did you mean [^)]*\)/, '').trimEnd()}\n(${hint})\n`;
}

function hintFor(unknown: string, command: Command): string | null {
  const has = (name: string) => command.options.some(({ long }) => long === name);
  if (unknown === '--web.telemetry-path') return 'The path of the metrics is always /metrics.';
  const meant = Object.hasOwn(OPTION_ALIASES, unknown) ? OPTION_ALIASES[unknown]! : unknown;
  const name = meant.split(' ')[0]!;
  if (['--help', '--version'].includes(name) || has(name)) return `Did you mean ${meant}?`;
  if (Object.hasOwn(AS_COMMAND, unknown)) return `It is a command: ${AS_COMMAND[unknown]}`;
  if (TO_A_FILE.includes(unknown) && printsResult([command.name()]) && !has('--out'))
    return `${command.name()} prints to stdout: ${command.name()} > FILE`;
  if (unknown === '--scenario' && command.registeredArguments.length > 0)
    return `Write it without --scenario: ${command.name()} NAME`;
  if (unknown === '--format' && has('--json')) return 'Did you mean --json?';
  const formats = command.options.find(({ long }) => long === '--format')?.argChoices ?? [];
  if (unknown === '--json' && formats.includes('json')) return 'Did you mean --format json?';
  return commandsWith(name) ?? (has('--config') ? hintToTheFile(unknown) : null);
}

/** Which commands have that option, as a sentence; null: none has it. */
export function commandsWith(option: string): string | null {
  return Object.hasOwn(COMMANDS_OF, option) ? `${option} is an option of ${listed(COMMANDS_OF[option]!, 'or')}.` : null;
}

/** Where the configuration file has what was given as an option; null: nowhere, or in several places. */
function hintToTheFile(unknown: string): string | null {
  const key = unknown.replace(/^-+/, '').replaceAll('-', '_');
  const options: { readonly path: string; readonly variable: string | undefined }[] = [];
  eachOption((path, { env }) => {
    const isMeant = Object.hasOwn(IN_THE_FILE, unknown)
      ? path === IN_THE_FILE[unknown]
      : path.split('.').at(-1) === key;
    // `api` is the connection that most files have, and an environment has sections of the file for itself.
    const isElsewhereToo = path.startsWith('connections.') || /^environments\[\]\..*\./.test(path);
    if (isMeant && !isElsewhereToo) options.push({ path, variable: env?.name });
  });
  const [option] = options;
  if (option === undefined || options.length > 1) return null;
  const orElse = option.variable === undefined ? '' : ` or, without one, the variable ${option.variable}`;
  return `It is ${option.path} in the configuration file${orElse}.`;
}

/** Which option takes what stands there without one; null: this command takes no such thing. */
export function optionForArgument({ options }: Command): string | null {
  const [, what] = WITHOUT_OPTION.find(([name]) => options.some(({ long }) => long === name)) ?? [];
  return what ?? null;
}

const WITHOUT_OPTION: readonly (readonly [option: string, sentence: string])[] = [
  ['--config', 'A configuration file goes with --config.'],
  ['--scenario', 'A scenario goes with --scenario.'],
  ['--out', 'A directory goes with --out.'],
  ['--exporter', 'The address of the exporter goes with --exporter.'],
];
