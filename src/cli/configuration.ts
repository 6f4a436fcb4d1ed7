import { resolve } from 'node:path';
import { type DestinationStream, type Level, pino } from 'pino';
import type { Logger } from '../base/logger.ts';
import { proxyFaults } from '../client/transport.ts';
import type { Config } from '../config/config.ts';
import type { ConfigFlags } from '../config/environment.ts';
import { type LoadedConfig, type LoadResult, loadConfig } from '../config/load.ts';
import { formatProblem, outsideFiles, type Problem } from '../config/problem.ts';
import { type CliIo, CommandExit, EXIT } from './command.ts';

export interface ConfigOptions extends ConfigFlags {
  readonly config?: string;
}

/** The option of every command that has a configuration. */
export const CONFIG_OPTION = [
  '--config <file>',
  'configuration file; without one, the environment variables of the SDKs are read',
] as const;

/** Reads the configuration named by the flags and the environment. */
export function loader(io: CliIo, { config, ...flags }: ConfigOptions): () => Promise<LoadResult> {
  return async () => {
    const loaded = await loadConfig({ path: config ?? null, env: io.env, flags, hostName: io.hostName });
    if (!loaded.ok) return loaded;
    const { problems, notices } = ofProxies(loaded.config, io.env);
    if (problems.length > 0) return { ok: false, problems, files: loaded.config.files };
    return { ...loaded, notices: [...loaded.notices, ...notices] };
  };
}

/** What is wrong with the variables that name proxies, once for each. */
function ofProxies({ connections }: Pick<Config, 'connections'>, env: CliIo['env']) {
  const faults = connections.flatMap(({ baseUrl }) => proxyFaults(new URL(baseUrl), env));
  const once = [...new Map(faults.map((fault) => [fault.variable, fault])).values()];
  const told = (isFatal: boolean) =>
    once.flatMap((one) => (one.isFatal === isFatal ? { ...outsideFiles(one.variable), ...one } : []));
  return { problems: told(true), notices: told(false) };
}

/** Reads the configuration, or ends the command with its problems on stderr. */
export async function loadOrExit(load: () => Promise<LoadResult>): Promise<LoadedConfig> {
  const loaded = await load();
  return loaded.ok ? loaded : failed(loaded.problems);
}

/** @throws CommandExit that says what is wrong */
export function failed(problems: readonly Problem[]): never {
  throw new CommandExit(EXIT.usage, problems.map(formatProblem).join('\n'));
}

/** Loads a configuration that this program wrote itself; `origin` says in words where it comes from. */
export function loadText(origin: string, yaml: string, flags: ConfigFlags): () => Promise<LoadResult> {
  const readFile = (path: string) => {
    // A state file that it names is not there yet.
    if (path !== resolve(origin)) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    return Buffer.from(yaml);
  };
  const files = { readFile, readdir: () => [] };
  return async () => {
    const loaded = await loadConfig({ path: origin, env: {}, flags, files });
    // There is no file to watch.
    return loaded.ok ? { ...loaded, config: { ...loaded.config, origin, files: [] } } : loaded;
  };
}

/** The logger of a command that has a configuration: text for a person, unless the configuration says otherwise. */
export function loggerFor(io: CliIo, { log }: Pick<Config, 'log'>): Logger {
  const format = io.stderrIsTerminal && !log.formatGiven ? 'text' : log.format;
  return createLogger({ level: log.level, format }, { write: (line) => io.stderr(line) });
}

/**
 * One line per event, JSON for machines or text for a terminal: docs/reference.md#log-events. Process id and host name are
 * left out, because the platform adds them.
 */
export function createLogger(
  { level, format }: { readonly level: Level; readonly format: 'json' | 'text' },
  destination: DestinationStream,
): Logger {
  const asText: DestinationStream = { write: (line) => destination.write(logText(line)) };
  const formatters = { level: (label: string) => ({ level: label }) };
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters };
  return pino(options, format === 'text' ? asText : destination);
}

/** A JSON line of the log as text for a person: time of day, level, message, and a line for each field. */
function logText(line: string): string {
  const { time, level, msg, ...fields } = JSON.parse(line) as Readonly<Record<string, unknown>>;
  const clock = new Date(String(time)).toLocaleTimeString('en-GB');
  const rest = Object.entries(fields).map(([key, value]) => `    ${printable(`${key}: ${JSON.stringify(value)}`)}\n`);
  return `[${clock}] ${String(level).toUpperCase()}: ${printable(String(msg))}\n${rest.join('')}`;
}

/** On a terminal, a control character could move the cursor or change colours. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '?');
}
