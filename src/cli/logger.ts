import { type DestinationStream, type Level, type LoggerOptions, pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { Logger } from '../base/logger.ts';

export interface LogSettings {
  readonly level: Level;
  readonly format: 'json' | 'text';
}

/**
 * The process's logger: one line an event, JSON for machines or text for a terminal.
 *
 * Times are ISO 8601 and levels are words, as cli.md says; there is no pid and no host name, which the platform adds.
 */
export function createLogger(
  settings: LogSettings,
  destination: DestinationStream,
): Logger & { setLevel(level: Level): void } {
  const options: LoggerOptions = {
    level: settings.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  };
  const stream = settings.format === 'text' ? asText(destination) : destination;
  const logger = pino(options, stream);
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    setLevel: (level) => {
      logger.level = level;
    },
  };
}

function asText(destination: DestinationStream): DestinationStream {
  const format = prettyFactory({ colorize: false, translateTime: 'SYS:HH:MM:ss' });
  return { write: (line) => destination.write(format(line)) };
}
