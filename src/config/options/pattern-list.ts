import { z } from 'zod';
import { namePatternFault } from '../../base/name-pattern.ts';
import type { OptionType } from './option.ts';
import { textList } from './option-types.ts';

const MOST = 1000;
const LONGEST = 256;

const pattern = z
  .string()
  .min(1)
  .max(LONGEST)
  .check(({ value, issues }) => {
    // A longer one is rejected anyway, and of any length its brackets would be too deep to follow.
    const fault = value.length > LONGEST ? null : namePatternFault(value);
    if (fault === null) return;
    issues.push({ code: 'custom', message: fault.what, params: { remedy: fault.remedy }, input: value });
  });

/** Patterns of names and ids, with their brackets closed. */
export function patternList(example: string): OptionType<readonly string[]> {
  return textList('a list of globs', example, MOST, pattern);
}

/** The same with at least one of them: none matches nothing, and people write an empty list for no restriction. */
export function patternsToMatch(example: string): OptionType<readonly string[]> {
  const { schema, ...list } = patternList(example);
  const isSome = (patterns: readonly string[]) => patterns.length > 0;
  const params = { remedy: 'leave it out to match everything' };
  const some = schema
    .meta({ ...schema.meta(), minItems: 1 })
    .refine(isSome, { message: 'is empty, and matches nothing', params });
  return { ...list, expects: 'a list of at least one glob', schema: some };
}
