import { z } from 'zod';
import { ONLY_SHOWN, ONLY_SHOWN_OR_EMPTY } from '../../base/shown-text.ts';
import { DURATION_PATTERN, formatDuration, looseDuration, parseDuration } from './duration.ts';
import { longerPattern, shorterPattern } from './duration-patterns.ts';
import type { OptionType } from './option.ts';

const NEVER = 'never';

interface Range {
  readonly min?: number;
  readonly max?: number;
  /** Whether `never` (or `.inf`) is allowed, for no limit. */
  readonly never?: boolean;
}

/** Milliseconds; `min` and `max` too. */
export function duration({ min = 0, max = Number.POSITIVE_INFINITY, never = false }: Range = {}): OptionType<number> {
  const outside = [
    ...(min > 0 ? [shorterPattern(min)] : []),
    ...(max < Number.POSITIVE_INFINITY ? [longerPattern(max)] : []),
  ];
  const pattern = never ? `^(?:${NEVER}|${DURATION_PATTERN})$` : `^${DURATION_PATTERN}$`;
  return {
    schema: z
      .string()
      .regex(new RegExp(pattern))
      .meta(outside.length > 0 ? { not: { type: 'string', pattern: outside.join('|') } } : {})
      .transform((text) => (text === NEVER ? Number.POSITIVE_INFINITY : (parseDuration(text) ?? Number.NaN)))
      .refine((ms) => ms >= min && (ms <= max || ms === Number.POSITIVE_INFINITY)),
    expects: `a duration${limits(min, max)}, with a unit${never ? ', or never' : ''}`,
    example: '30s or 1m30s',
    name: never ? 'duration or `never`' : 'duration',
    never,
    meant: (written) => {
      const ms = typeof written === 'string' ? looseDuration(written) : null;
      return ms === null || ms < min || ms > max ? null : formatDuration(ms);
    },
    scalar: 'text',
  };
}

function limits(min: number, max: number): string {
  if (min > 0 && Number.isFinite(max)) return ` between ${formatDuration(min)} and ${formatDuration(max)}`;
  if (Number.isFinite(max)) return ` of at most ${formatDuration(max)}`;
  return min > 0 ? ` of at least ${formatDuration(min)}` : '';
}

/** `never`, where it is allowed, is Infinity. */
export function wholeNumber({ min = 0, max = Number.MAX_SAFE_INTEGER, never = false }: Range): OptionType<number> {
  const plain = z.int().min(min).max(max);
  const most = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  return {
    schema: never
      ? z.union([plain, z.literal(NEVER)]).transform((value) => (value === NEVER ? Number.POSITIVE_INFINITY : value))
      : plain,
    expects: `a whole number ${most}${never ? ', or never' : ''}`,
    example: String(Math.max(min, 1)),
    name: never ? 'whole number or `never`' : 'whole number',
    never,
    scalar: 'number',
  };
}

/** A number between two limits, both included. */
export function ratio(min: number, max: number): OptionType<number> {
  return {
    schema: z.number().min(min).max(max),
    expects: `a number from ${min} to ${max}`,
    example: '0.99',
    name: 'number',
    scalar: 'number',
  };
}

export const onOff: OptionType<boolean> = {
  schema: z.boolean(),
  expects: 'true or false',
  example: 'true',
  name: 'boolean',
  meant: wordIn({ yes: 'true', on: 'true', no: 'false', off: 'false' }),
  scalar: 'boolean',
};

/** What a word stands for, in capitals or not; null for any other word, and for a map or a list. */
function wordIn<T>(words: Readonly<Record<string, T>>): (written: unknown) => T | null {
  return (written) => {
    if (typeof written === 'object') return null;
    const word = String(written).trim().toLowerCase();
    return Object.hasOwn(words, word) ? words[word]! : null;
  };
}

/** One of a few words; the first is the example. `otherNames`: what other programs call them, in small letters. */
export function choice<const T extends string>(
  words: readonly [T, ...T[]],
  otherNames: Readonly<Record<string, T>> = {},
): OptionType<T> {
  const list = words.join(', ');
  return {
    schema: z.enum(words),
    expects: `one of ${list}`,
    example: words[0],
    name: `one of \`${words.join('`, `')}\``,
    words,
    meant: wordIn(otherNames),
    scalar: 'text',
  };
}

/** At most 1024 characters that match `pattern`: by default those that can be shown. */
export function text(expects: string, example: string, pattern: RegExp = ONLY_SHOWN): OptionType<string> {
  return { schema: z.string().max(1024).regex(pattern), expects, example, name: 'text', scalar: 'text' };
}

export function path(example: string, of: 'a file' | 'a directory' = 'a file'): OptionType<string> {
  return { ...text(`the path of ${of}`, example), name: 'path' };
}

export const keyFile = path('/run/secrets/key');

/** The content is checked only after it is read, so that no message here ever has the value. */
export const key: OptionType<string> = {
  schema: z.string(),
  expects: 'a key as text, in quotes where YAML needs them',
  example: `\${NAME}`,
  name: 'secret',
  scalar: 'text',
};

/** Null is allowed, too: what it stands for is said by the help of the option. */
export function orNull<T>(type: OptionType<T>): OptionType<T | null> {
  return { ...type, schema: type.schema.nullable(), name: `${type.name} or null` };
}

const listed: z.ZodType<string, string> = z.string().min(1).max(256);

/** At most `max` texts, none of them twice: of 1 to 256 characters, or as `item` says. */
export function textList(expects: string, example: string, max: number, item = listed): OptionType<readonly string[]> {
  const unique = (list: readonly string[]) => new Set(list).size === list.length;
  return {
    schema: z.array(item).max(max).meta({ uniqueItems: true }).refine(unique, 'names something twice'),
    expects,
    example,
    name: 'list of text',
    scalar: 'none',
  };
}

const LABEL_KEY = /^(?!__)[a-z_][a-z0-9_]*$/;

export const labels: OptionType<Readonly<Record<string, string>>> = {
  schema: z.record(z.string().max(128).regex(LABEL_KEY), z.string().max(1024).regex(ONLY_SHOWN_OR_EMPTY)),
  expects: 'a map of label to text: keys of a-z, 0-9 and _ that do not begin with a digit or __; numbers in quotes',
  example: '{owner: agents}',
  name: 'map of text',
  scalar: 'none',
};
