/**
 * Units of charts. Grafana's units for times divide by powers of ten first, and its ticks read 16.7 mins and 00:08:20.
 * Charts therefore get minutes, or seconds, with round ticks, in the words of its tiles and tables.
 */
export const MINUTES = 'suffix:mins';
export const SECONDS = 'suffix:s';
export const MILLISECONDS = 'suffix:ms';
/** Not `short`, whose ticks read 1.25 K. */
export const COUNT = 'none';
/** What a rate counts is in its title. */
export const PER_HOUR = 'suffix:/h';
export const PER_MINUTE = 'suffix:/min';

/** Seconds as minutes, for {@link MINUTES}. */
export const inMinutes = (seconds: string): string => `(${seconds}) / 60`;
/** Seconds as milliseconds, for {@link MILLISECONDS}. */
export const inMilliseconds = (seconds: string): string => `1000 * (${seconds})`;
