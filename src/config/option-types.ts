import { z } from 'zod';
import { namePatternFault } from '../base/name-pattern.ts';
import { ONLY_SHOWN, ONLY_SHOWN_OR_EMPTY } from '../base/text.ts';
import { parseTimestamp } from '../wire/read.ts';

/**
 * What is known of an option beside its schema, in the `.meta` of the schema. The error of each type completes "must be …", and
 * never holds the value.
 */
export interface About {
  /** One sentence, for the docs and the JSON Schema. */
  readonly description?: string | undefined;
  /** Word for the type in the docs. */
  readonly kind?: string | undefined;
  /** Unit of the bare number. */
  readonly unit?: string | undefined;
  /** For the annotated example, as YAML, where it is not the default. */
  readonly example?: string | undefined;
  readonly secret?: boolean | undefined;
  /** The variable that overrides the file or, with the name of an SDK's variable, counts where there is no file. */
  readonly env?: string | undefined;
  readonly flag?: string | undefined;
}

/** A type of options with its word for the docs. */
function typed<T extends z.ZodType>(kind: string, type: T, about: About = {}): T {
  return type.meta({ kind, ...about });
}

/** Milliseconds of each unit, from large to small. A year has 365 days, as in Prometheus. */
const UNIT_MS = { y: 31_536_000_000, w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;
type Unit = keyof typeof UNIT_MS;

/** Durations as Prometheus writes them: units from large to small, each at most once, no fractions or signs. */
const DURATION_PATTERN =
  '(?=[0-9])(?:[0-9]+y)?(?:[0-9]+w)?(?:[0-9]+d)?(?:[0-9]+h)?(?:[0-9]+m(?!s))?(?:[0-9]+s)?(?:[0-9]+ms)?';
const WHOLE = new RegExp(`^${DURATION_PATTERN}$`);

/** Milliseconds of `1m30s`; null when the text is not a duration. */
export function parseDuration(text: string): number | null {
  if (!WHOLE.test(text)) return null;
  const parts = [...text.matchAll(/([0-9]+)(ms|[ywdhms])/g)];
  const total = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * UNIT_MS[unit as Unit], 0);
  return Number.isSafeInteger(total) ? total : null;
}

/** The shortest way to write whole milliseconds; `Infinity` is `never`. */
export function formatDuration(ms: number): string {
  if (ms === Number.POSITIVE_INFINITY) return 'never';
  let [rest, text] = [ms, ''];
  for (const [unit, size] of Object.entries(UNIT_MS)) {
    if (rest >= size) text += `${Math.floor(rest / size)}${unit}`;
    rest %= size;
  }
  return text === '' ? '0s' : text;
}

/** A text of this form, as what `parse` makes of it; null: nothing. */
function parsed<T>(kind: string, error: string, form: RegExp, parse: (written: string) => T | null, about: About = {}) {
  const read = z
    .string(error)
    .regex(form, error)
    .transform((written, context): T => {
      const value = parse(written);
      if (value !== null) return value;
      context.addIssue(error);
      return z.NEVER;
    });
  return typed(kind, read, about);
}

export const NEVER = 'never';
const NO_LIMIT = Number.POSITIVE_INFINITY;

interface Range {
  readonly min?: number;
  readonly max?: number;
  /** Whether `never` (or `.inf`) is allowed, for no limit. */
  readonly never?: boolean;
}

/** Milliseconds; `min` and `max` too. */
export function duration({ min = 0, max = NO_LIMIT, never = false }: Range) {
  const limits = [
    ...(min > 0 ? [` of at least ${formatDuration(min)}`] : []),
    ...(max < NO_LIMIT ? [` of at most ${formatDuration(max)}`] : []),
  ];
  const error = `a duration${limits.join(' and')}, with a unit, such as 30s or 1m30s${never ? ', or never' : ''}`;
  const read = (text: string) => {
    if (text === NEVER) return NO_LIMIT;
    const ms = parseDuration(text);
    return ms !== null && ms >= min && ms <= max ? ms : null;
  };
  const form = new RegExp(never ? `^(?:${NEVER}|${DURATION_PATTERN})$` : `^${DURATION_PATTERN}$`);
  return parsed(never ? 'duration or `never`' : 'duration', error, form, read);
}

export function wholeNumber({ min = 0, max = Number.MAX_SAFE_INTEGER }: Range, or = '') {
  const limits = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  const error = `a whole number ${limits}${or}`;
  return typed('whole number', z.int(error).min(min, error).max(max, error));
}

/** `never` is Infinity. */
export function wholeNumberOrNever(range: Range) {
  const never = z.literal(NEVER).transform(() => NO_LIMIT);
  const error = `a whole number of at least ${range.min ?? 0}, or never`;
  return typed('whole number or `never`', z.union([wholeNumber(range, ', or never'), never], error));
}

/** A number between two limits, both included. */
export function ratio(min: number, max: number) {
  const error = `a number from ${min} to ${max}`;
  return typed('number', z.number(error).min(min, error).max(max, error));
}

export const onOff = typed('boolean', z.boolean('true or false'));

export function choice<const T extends string>(words: readonly [T, ...T[]]) {
  return typed(`one of \`${words.join('`, `')}\``, z.enum(words, `one of ${words.join(', ')}`));
}

/** At most 1024 characters that match `pattern`: by default those that can be shown. */
export function text(error: string, pattern: RegExp = ONLY_SHOWN) {
  const all = `${error}, of at most 1024 characters`;
  return typed('text', z.string(all).max(1024, all).regex(pattern, all));
}

export const path = typed('path', text('a path'));

/** The content is checked where it is used. */
export const key = typed('secret', z.string('a key as text, in quotes where YAML needs them'), { secret: true });

/** Texts, none of them twice. */
export function textList(
  error: string,
  most: number,
  item: z.ZodType<string, string> = z.string(error).min(1, error).max(256, error),
) {
  const list = z.array(item, error).max(most, error).meta({ uniqueItems: true });
  return typed(
    'list of text',
    list.refine((all) => new Set(all).size === all.length, error),
  );
}

const GLOB =
  'a glob of at most 256 characters, in which * is anything, brackets are closed, and a backslash takes the next character as it is';
export const glob = z
  .string(GLOB)
  .min(1, GLOB)
  .max(256, GLOB)
  .refine((pattern) => pattern.length > 256 || namePatternFault(pattern) === null, GLOB);

const LABELS = 'a map of label to text: keys of a-z, 0-9 and _ that do not begin with a digit or __; numbers in quotes';
const LABEL = 'a text of at most 1024 characters that can be shown; a number in quotes';
export const labels = typed(
  'map of text',
  z.record(
    z
      .string()
      .max(128)
      .regex(/^(?!__)[a-z_][a-z0-9_]*$/),
    z.string(LABEL).max(1024, LABEL).regex(ONLY_SHOWN_OR_EMPTY, LABEL),
    LABELS,
  ),
);

const DATE = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** A date means its first moment in UTC: early rather than late. */
export const date = parsed(
  'date',
  'a date or an RFC 3339 time, such as 2027-05-01',
  DATE,
  (written) => parseTimestamp(written.includes('T') ? written : `${written}T00:00:00Z`),
  { example: '2027-05-01' },
);

const LISTEN = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]*)):(\d{1,5})$/;

/** `HOST:PORT`, `[IPV6]:PORT` or `:PORT`, which is every IPv4 address; null: none of these, or a port over 65535. */
export function parseListen(written: string): { readonly host: string; readonly port: number } | null {
  const [, v6, name, port] = LISTEN.exec(written) ?? [];
  if (port === undefined || Number(port) > 65_535 || isNoAddress(name ?? '')) return null;
  return { host: v6 ?? (name || '0.0.0.0'), port: Number(port) };
}

/** Whether a host of digits and dots stands for no IPv4 address; all other hosts may be names. */
export function isNoAddress(host: string): boolean {
  return /^[\d.]+$/.test(host) && !URL.canParse(`http://${host}`);
}

export const listen = parsed(
  'address',
  'HOST:PORT, [IPV6]:PORT or :PORT with a port up to 65535, such as 0.0.0.0:9877',
  LISTEN,
  parseListen,
);

const HOST_NAME =
  /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)*$/;
const HOSTS_ERROR = 'a list of host names without scheme and port';
export const hostNames = typed(
  'list of host names',
  z.array(z.string(HOSTS_ERROR).regex(HOST_NAME, HOSTS_ERROR), HOSTS_ERROR).max(100, HOSTS_ERROR),
);

/** Without a trailing slash. */
export const baseUrl = parsed(
  'URL',
  'an http or https URL without login, query and fragment',
  /^[Hh][Tt][Tt][Pp][Ss]?:\/\/[^/?#@]+(?:\/[^?#]*)?$/,
  (written) => (URL.canParse(written) ? new URL(written).href.replace(/\/+$/, '') : null),
);

/** As written; `auto` is the number at the end of the host name. */
export interface WrittenShard {
  readonly index: number | 'auto';
  readonly count: number;
}

const SHARD = /^(auto|0|[1-9]\d{0,2})\/([1-9]\d{0,2}|1000)$/;
export const shard = parsed(
  'shard',
  'I/N, with I from 0 to N - 1, or auto/N; N is at most 1000',
  SHARD,
  (written): WrittenShard | null => {
    const [index, count] = written.split('/') as [string, string];
    if (index === 'auto') return { index, count: Number(count) };
    return Number(index) < Number(count) ? { index: Number(index), count: Number(count) } : null;
  },
);
