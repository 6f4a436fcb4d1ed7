import { z } from 'zod';
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
export function duration({ min = 0, max = Number.POSITIVE_INFINITY, never = false }: Range): OptionType<number> {
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
