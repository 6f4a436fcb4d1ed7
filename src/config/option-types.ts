import { z } from 'zod';
import { cutText, isNamePattern, ONLY_SHOWN, ONLY_SHOWN_OR_EMPTY } from '../base/text.ts';
import { parseTimestamp } from '../wire/read.ts';

/** A map of these names and no others; an issue of another name has the known ones as its message. */
export function mapOf<T extends z.core.$ZodLooseShape>(shape: T, error: string) {
  return z.strictObject(shape, {
    error: ({ code }) => (code === 'unrecognized_keys' ? Object.keys(shape).join() : error),
  });
}

export function orNull<T extends z.ZodType>(of: T) {
  return of.nullable().meta({ kind: `${of.meta()?.kind} or null` });
}

/** A text of this form, as what `parse` makes of it; null: nothing. Every error completes "must be …", and never has the value. */
function parsed<T>(kind: string, error: string, form: RegExp, parse: (written: string) => T | null) {
  const read = z
    .string(error)
    .regex(form, error)
    .transform((written, context): T => {
      const value = parse(written);
      if (value === null) context.addIssue(error);
      return value ?? z.NEVER;
    });
  return read.meta({ kind });
}

/** Milliseconds of each unit, from large to small. A year has 365 days, as in Prometheus. */
const UNIT_MS = { y: 31_536_000_000, w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;

/** Durations as Prometheus writes them: units from large to small, each at most once, no fractions or signs. */
const DURATION = '(?=[0-9])(?:[0-9]+y)?(?:[0-9]+w)?(?:[0-9]+d)?(?:[0-9]+h)?(?:[0-9]+m(?!s))?(?:[0-9]+s)?(?:[0-9]+ms)?';
const WHOLE_DURATION = new RegExp(`^${DURATION}$`);

/** Milliseconds of `1m30s`; null when the text is not a duration. */
export function parseDuration(text: string): number | null {
  if (!WHOLE_DURATION.test(text)) return null;
  const parts = [...text.matchAll(/([0-9]+)([a-z]+)/g)] as unknown as [string, string, keyof typeof UNIT_MS][];
  const total = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * UNIT_MS[unit], 0);
  return Number.isSafeInteger(total) ? total : null;
}

/** The word for no limit, which is Infinity; `.inf` of YAML is the same. */
export const NEVER = 'never';

/** Milliseconds, at least `min` and, if given, at most `max`. */
export function duration(min: string, max?: string) {
  const limits = `of at least ${min}${max === undefined ? '' : ` and of at most ${max}`}`;
  const most = max === undefined ? Number.MAX_SAFE_INTEGER : parseDuration(max)!;
  return parsed('duration', `a duration ${limits}, ${WITH_UNIT}`, WHOLE_DURATION, (text) => {
    const ms = parseDuration(text);
    return ms !== null && ms >= parseDuration(min)! && ms <= most ? ms : null;
  });
}

const WITH_UNIT = 'with a unit, such as 30s or 1m30s';
const LIMIT = new RegExp(`^(?:${NEVER}|${DURATION})$`);
/** Seconds, at least one, or no limit. */
export const limit = parsed(
  'duration or `never`',
  `a duration of at least 1s, or never, ${WITH_UNIT}`,
  LIMIT,
  (text) => {
    const seconds = text === NEVER ? Number.POSITIVE_INFINITY : (parseDuration(text) ?? 0) / 1000;
    return seconds >= 1 ? seconds : null;
  },
);

export function wholeNumber(min: number, max: number) {
  const error = `a whole number from ${min} to ${max}`;
  return z.int(error).min(min, error).max(max, error).meta({ kind: 'whole number' });
}

/** The number, or no limit. */
export function numberOrNever(min: number, max = Number.MAX_SAFE_INTEGER) {
  const error = `a whole number of at least ${min}, or never`;
  const never = z.literal(NEVER).transform(() => Number.POSITIVE_INFINITY);
  return z
    .union([z.int(error).min(min, error).max(max, error), never], error)
    .meta({ kind: 'whole number or `never`' });
}

/** A number between two limits, both included. */
export function ratio(min: number, max: number) {
  const error = `a number from ${min} to ${max}`;
  return z.number(error).min(min, error).max(max, error).meta({ kind: 'number' });
}

export const onOff = z.boolean('true or false').meta({ kind: 'boolean' });

export function choice<const T extends string>(words: readonly [T, ...T[]]) {
  return z.enum(words, `one of ${words.join(', ')}`).meta({ kind: `one of \`${words.join('`, `')}\`` });
}

/** At most 1024 characters that match `pattern`: by default those that can be shown. */
export function text(error: string, pattern: RegExp = ONLY_SHOWN, kind = 'text') {
  const all = `${error}, of at most 1024 characters`;
  return z.string(all).max(1024, all).regex(pattern, all).meta({ kind });
}

export const path = text('a path', ONLY_SHOWN, 'path');

/** The content is checked where it is used. */
export const key = z.string('a key as text, in quotes where YAML needs them').meta({ kind: 'secret', secret: true });

/** Texts of at most 256 characters, none of them twice. */
function textList(error: string, most: number, isItem: (text: string) => boolean, itemError = error) {
  const item = z.string(itemError).min(1, itemError).max(256, itemError).refine(isItem, itemError);
  const list = z.array(item, error).max(most, error).meta({ uniqueItems: true });
  return list.refine((all) => new Set(all).size === all.length, error).meta({ kind: 'list of text' });
}

export const metadataKeys = textList('a list of at most 10 metadata keys, each once', 10, () => true);

const GLOB =
  'a glob of at most 256 characters, in which * is anything (four times at most) and ? one character, also in place of [ ] { } and \\';
// Every check of a text is made, and this one would take long.
const isGlob = (pattern: string) => pattern.length > 256 || isNamePattern(pattern);
export const globs = textList('a list of at most 1000 globs, each once', 1000, isGlob, GLOB);

const LABELS = 'a map of label to text: keys of a-z, 0-9 and _ that do not begin with a digit or __; numbers in quotes';
const LABEL = 'a text of at most 1024 characters that can be shown; a number in quotes';
const LABEL_NAME = /^(?!__)[a-z_][a-z0-9_]*$/;
const label = z.string(LABEL).max(1024, LABEL).regex(ONLY_SHOWN_OR_EMPTY, LABEL).transform(cutText);
export const labels = z.record(z.string().max(128).regex(LABEL_NAME), label, LABELS).meta({ kind: 'map of text' });

/** A date means its first moment in UTC: early rather than late. */
export const date = parsed(
  'date',
  'a date or an RFC 3339 time, such as 2027-05-01',
  /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2}))?$/,
  (written) => parseTimestamp(written.includes('T') ? written : `${written}T00:00:00Z`),
);

const LISTEN = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]*)):(\d{1,5})$/;

/** `HOST:PORT`, `[IPV6]:PORT` or `:PORT`, which is every IPv4 address; null: none of these, or a port over 65535. */
export function parseListen(written: string): { readonly host: string; readonly port: number } | null {
  const [, v6, name, port] = LISTEN.exec(written) ?? [];
  // A host of digits and dots is an IPv4 address or nothing; all other hosts may be names.
  const isNoAddress = /^[\d.]+$/.test(name ?? '') && !URL.canParse(`http://${name}`);
  if (port === undefined || Number(port) > 65_535 || isNoAddress) return null;
  return { host: v6 ?? (name || '0.0.0.0'), port: Number(port) };
}

const ADDRESS = 'HOST:PORT, [IPV6]:PORT or :PORT with a port up to 65535, such as 0.0.0.0:9877';
export const listen = parsed('address', ADDRESS, LISTEN, parseListen);

const HOST_NAME =
  /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)*$/;
const HOSTS = 'a list of host names without scheme and port';
export const hostNames = z
  .array(z.string(HOSTS).regex(HOST_NAME, HOSTS).meta({ kind: 'host name' }), HOSTS)
  .max(100, HOSTS)
  .meta({ kind: 'list of host names' });

/** Without a trailing slash. */
export const baseUrl = parsed(
  'URL',
  'an http or https URL without login, query and fragment',
  /^[Hh][Tt][Tt][Pp][Ss]?:\/\/[^/?#@]+(?:\/[^?#]*)?$/,
  (written) => (URL.canParse(written) ? new URL(written).href.replace(/\/+$/, '') : null),
);

/** `auto` is the number at the end of the host name. */
export const shard = parsed(
  'shard',
  'I/N, with I from 0 to N - 1, or auto/N; N is at most 1000',
  /^(auto|0|[1-9]\d{0,2})\/([1-9]\d{0,2}|1000)$/,
  (written) => {
    const [index, count] = written.split('/') as [string, string];
    const part = { index: index === 'auto' ? index : Number(index), count: Number(count) } as const;
    return part.index === 'auto' || part.index < part.count ? part : null;
  },
);
