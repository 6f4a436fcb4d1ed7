/** The values logged beside a message. Never a key, a secret or a whole response body. */
export type LogFields = Record<string, unknown>;

/** What the program needs of a logger. Messages are static; what varies goes into the fields. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

const ignore = () => {};

export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
