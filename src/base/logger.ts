/** The values logged beside a message. Never a key, a secret or a whole response body. */
export type LogFields = Record<string, unknown>;

/** A line: what happened, by a name of docs/reference.md#log-events, and what belongs to it. */
export type LogEvent = LogFields & { readonly event: string };

/** What the program needs of a logger. Messages are static; what varies goes into the fields. */
export interface Logger {
  debug(line: LogEvent, message: string): void;
  info(line: LogEvent, message: string): void;
  warn(line: LogEvent, message: string): void;
  error(line: LogEvent, message: string): void;
}
