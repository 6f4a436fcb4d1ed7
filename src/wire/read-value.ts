import type { EpochMs } from '../base/clock.ts';
import { parseTimestamp } from './timestamp.ts';
import { WireError } from './wire-error.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** @throws WireError */
export function readObject(value: unknown, path: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new WireError(path, 'an object', value);
  }
  return value as JsonObject;
}

/** @throws WireError */
export function readArray(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new WireError(path, 'an array', value);
  return value;
}

/** A string that is not empty. @throws WireError */
export function readText(value: unknown, path: string): string {
  if (typeof value !== 'string' || value === '') throw new WireError(path, 'a string', value);
  return value;
}

/** A whole number of things, at least 0. @throws WireError */
export function readCount(value: unknown, path: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new WireError(path, 'a whole number', value);
  return value as number;
}

/**
 * The Work API did not exist before, and no service stamps the far future. Any other stamp is a sentinel or a mistake, and
 * an age measured from it would be absurdly large.
 */
const FIRST_STAMP = Date.UTC(2020, 0);
const END_OF_STAMPS = Date.UTC(2100, 0);

/** Whether a stamp of the API is possible. */
export function isPossibleStamp(at: EpochMs): boolean {
  return at >= FIRST_STAMP && at < END_OF_STAMPS;
}

/** The instant of a possible stamp; null for anything else. */
export function usableTimestamp(value: unknown): EpochMs | null {
  const at = typeof value === 'string' ? parseTimestamp(value) : null;
  return at !== null && isPossibleStamp(at) ? at : null;
}

/** Null and a missing key are the same: not reached yet. @throws WireError for anything but RFC 3339 */
export function readTimestamp(value: unknown, path: string): EpochMs | null {
  if (value === null || value === undefined) return null;
  const at = typeof value === 'string' ? parseTimestamp(value) : null;
  if (at === null) throw new WireError(path, 'an RFC 3339 timestamp or null', value);
  return at;
}
