import { type DestinationStream, type Level, pino } from 'pino';
import type { Logger } from '../base/logger.ts';
import type { Config } from '../config/config.ts';
import type { CliIo } from './command.ts';

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
