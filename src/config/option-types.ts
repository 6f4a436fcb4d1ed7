import { z } from 'zod';
import { namePatternFault } from '../base/name-pattern.ts';
import { ONLY_SHOWN, ONLY_SHOWN_OR_EMPTY } from '../base/text.ts';
import { parseTimestamp } from '../wire/read.ts';
import { DURATION_PATTERN, formatDuration, parseDuration } from './duration.ts';

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
  const written = z
    .string(error)
    .regex(new RegExp(never ? `^(?:${NEVER}|${DURATION_PATTERN})$` : `^${DURATION_PATTERN}$`), error);
  const ms = written.transform((text) => (text === NEVER ? NO_LIMIT : (parseDuration(text) ?? Number.NaN)));
  return typed(
    never ? 'duration or `never`' : 'duration',
    ms.refine((n) => n >= min && (n <= max || n === NO_LIMIT), error),
  );
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
const DATE_ERROR = 'a date or an RFC 3339 time, such as 2027-05-01';

/** A date means its first moment in UTC: early rather than late. */
export const date = typed(
  'date',
  z
    .string(DATE_ERROR)
    .regex(DATE, DATE_ERROR)
    .transform((written) => parseTimestamp(written.includes('T') ? written : `${written}T00:00:00Z`) ?? Number.NaN)
    .refine((ms) => !Number.isNaN(ms), DATE_ERROR),
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

const LISTEN_ERROR = 'HOST:PORT, [IPV6]:PORT or :PORT with a port up to 65535, such as 0.0.0.0:9877';
export const listen = typed(
  'address',
  z
    .string(LISTEN_ERROR)
    .regex(LISTEN, LISTEN_ERROR)
    .transform((written) => parseListen(written) ?? { host: '', port: -1 })
    .refine(({ port }) => port >= 0, LISTEN_ERROR),
);

const HOST_NAME =
  /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)*$/;
const HOSTS_ERROR = 'a list of host names without scheme and port';
export const hostNames = typed(
  'list of host names',
  z.array(z.string(HOSTS_ERROR).regex(HOST_NAME, HOSTS_ERROR), HOSTS_ERROR).max(100, HOSTS_ERROR),
);

const URL_ERROR = 'an http or https URL without login, query and fragment';

/** Without a trailing slash. */
export const baseUrl = typed(
  'URL',
  z
    .string(URL_ERROR)
    .regex(/^[Hh][Tt][Tt][Pp][Ss]?:\/\/[^/?#@]+(?:\/[^?#]*)?$/, URL_ERROR)
    .refine((written) => URL.canParse(written), URL_ERROR)
    .transform((written) => (URL.canParse(written) ? new URL(written).href.replace(/\/+$/, '') : '')),
);

/** As written; `auto` is the number at the end of the host name. */
export interface WrittenShard {
  readonly index: number | 'auto';
  readonly count: number;
}

const SHARD = /^(auto|0|[1-9]\d{0,2})\/([1-9]\d{0,2}|1000)$/;
const SHARD_ERROR = 'I/N, with I from 0 to N - 1, or auto/N; N is at most 1000';
export const shard = typed(
  'shard',
  z
    .string(SHARD_ERROR)
    .regex(SHARD, SHARD_ERROR)
    .transform((written): WrittenShard => {
      const [index, count] = written.split('/') as [string, string];
      return { index: index === 'auto' ? index : Number(index), count: Number(count) };
    })
    .refine(({ index, count }) => index === 'auto' || index < count, SHARD_ERROR),
);
