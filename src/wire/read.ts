import type { EpochMs } from '../base/clock.ts';
import { ExporterError } from '../base/errors.ts';
import { beginningOf } from '../base/text.ts';

/** A body that is JSON but not what the Work API sends. Names the place and the kind of value, never the value. */
export class WireError extends ExporterError {
  /** Where in the body, e.g. `data[3].created_at`; empty for the body itself. */
  readonly path: string;

  constructor(path: string, expected: string, found: unknown) {
    const where = path === '' ? 'the body' : path;
    super('wire_unexpected', `${where} should be ${expected} and is ${kindOf(found)}`, {
      remedy: 'Check that base_url and provider name a Work API; if they do, the API has changed: report it.',
    });
    this.path = path;
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  return value === '' ? 'an empty string' : `a ${typeof value} that does not fit`;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws WireError */
export function readObject(value: unknown, path: string): JsonObject {
  if (!isObject(value)) throw new WireError(path, 'an object', value);
  return value;
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

const RFC_3339 =
  /^(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))[T ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i;

/** The instant of an RFC 3339 timestamp, to the millisecond; null for anything else. */
export function parseTimestamp(value: unknown): EpochMs | null {
  const [text, date = ''] = (typeof value === 'string' && RFC_3339.exec(value)) || [];
  // `Date` takes February 30 for March 2; every month has the first 28 days.
  if (text === undefined || (date > `${date.slice(0, 8)}28` && !new Date(date).toISOString().startsWith(date)))
    return null;
  return Date.parse(text.toUpperCase().replace(' ', 'T'));
}

/** The Work API did not exist before, and no service stamps the far future: an age of any other stamp would be absurd. */
const FIRST_STAMP = Date.UTC(2020, 0);
const END_OF_STAMPS = Date.UTC(2100, 0);

/** Whether a stamp of the API is possible. */
export function isPossibleStamp(at: EpochMs): boolean {
  return at >= FIRST_STAMP && at < END_OF_STAMPS;
}

/** Null and a missing key are the same: not reached yet. @throws WireError for anything but RFC 3339 */
export function readTimestamp(value: unknown, path: string): EpochMs | null {
  if (value === null || value === undefined) return null;
  const at = parseTimestamp(value);
  if (at === null) throw new WireError(path, 'an RFC 3339 timestamp or null', value);
  return at;
}

/** What can be new in the API's answers: the label `kind` of `api_unknown_values_total`. */
export type DriftKind = 'state' | 'work_type' | 'field';

/** How many names are remembered, so that answers with random keys cannot fill the memory. */
const MOST_FIELDS = 1000;
const LONGEST_FIELD = 128;

/** Reports what the API says and this version does not know: values each time, a field once per name. */
export class Drift {
  readonly value: (kind: DriftKind) => void;
  readonly #fields = new Set<string>();

  constructor(report: (kind: DriftKind) => void) {
    this.value = report;
  }

  /** Reports the keys of `object` that are neither known nor already reported; `owner` tells equal names apart. */
  fields(owner: string, object: JsonObject, known: ReadonlySet<string>): void {
    for (const key in object) {
      if (known.has(key) || this.#fields.size >= MOST_FIELDS) continue;
      const name = `${owner}.${beginningOf(key, LONGEST_FIELD)}`;
      if (!this.#fields.has(name)) this.value('field');
      this.#fields.add(name);
    }
  }
}

/**
 * What may become a segment of a request path, above all an id: docs/decisions/README.md#1-the-exporter-can-only-read. A GET
 * of `work/poll` claims work. A pattern in a JSON Schema has no flags, so the words are spelled for either case.
 */
export const PATH_SEGMENT = /^(?!(?:[pP][oO][lL][lL]|[sS][tT][aA][tT][sS])$)[A-Za-z0-9_-]{1,128}$/;

/** Whether an id of the API may be put into a path: it names one resource and no other endpoint. */
export function isSafeSegment(id: string): boolean {
  return PATH_SEGMENT.test(id);
}
