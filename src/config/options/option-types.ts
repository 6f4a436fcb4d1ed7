import { z } from 'zod';
import { ONLY_SHOWN, ONLY_SHOWN_OR_EMPTY } from '../../base/text.ts';
import type { OptionType } from './option.ts';

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
