import type { z } from 'zod';
import { ONLY_SHOWN, ONLY_SHOWN_OR_EMPTY } from '../../base/text.ts';
import type { Option } from '../options/option.ts';
import { nearest } from './nearest.ts';

interface ValueFault {
  readonly what: string;
  readonly remedy: string;
}

/** What is wrong with the value of an option, and what to write instead. */
export function valueFault(issue: z.core.$ZodIssue, value: unknown, option: Option<unknown>): ValueFault {
  const fault = textFault(issue, value);
  if (fault !== null) return fault;
  const hasOwnMessage = issue.code === 'custom' && issue.message !== 'Invalid input';
  return {
    what: hasOwnMessage
      ? issue.message
      : `must be ${option.type.expects}${butGotLength(issue, value) ?? butGot(value)}`,
    remedy: remedyFor(issue, value, option),
  };
}

function remedyFor(issue: z.core.$ZodIssue, value: unknown, { type, default: usual }: Option<unknown>): string {
  if (issue.code === 'custom' && typeof issue.params?.remedy === 'string') return issue.params.remedy;
  const words = type.words ?? [];
  const meant = type.meant?.(value) ?? (typeof value === 'string' ? nearest(value, words) : null);
  if (meant !== null) return words.length > 0 ? `did you mean ${meant}?` : `write ${meant}`;
  if (isInQuotes(value, type)) return 'leave out the quotes';
  const isDefaultAnExample = typeof usual === 'number' || words.length > 0;
  return `for example ${isDefaultAnExample ? usual : type.example}`;
}

/** Whether a text would be valid without its quotes, as a number or as true or false. */
function isInQuotes(value: unknown, { scalar, schema }: Option<unknown>['type']): boolean {
  if (typeof value !== 'string' || (scalar !== 'number' && scalar !== 'boolean')) return false;
  if (!/^(?:true|false|-?\d+(?:\.\d+)?)$/.test(value)) return false;
  return schema.safeParse(JSON.parse(value.replace(/^(-?)0+(?=\d)/, '$1'))).success;
}

/** A fault in a text of the right kind that cannot be seen in the file. */
function textFault(issue: z.core.$ZodIssue, value: unknown): ValueFault | null {
  if (typeof value !== 'string' || value === '') return null;
  if (issue.code === 'too_big') return { what: `is longer than ${issue.maximum} characters`, remedy: 'shorten it' };
  const pattern = issue.code === 'invalid_format' ? issue.pattern : undefined;
  if (pattern !== ONLY_SHOWN.toString() && pattern !== ONLY_SHOWN_OR_EMPTY.toString()) return null;
  return {
    what: 'has a character that is not shown, such as a line break or one that changes the direction of writing',
    remedy: 'type it again, without that character',
  };
}

/** Continues "must be …" for a list of the wrong length. */
function butGotLength(issue: z.core.$ZodIssue, value: unknown): string | null {
  const isLength = issue.code === 'too_big' || issue.code === 'too_small';
  return isLength && Array.isArray(value) ? `, not ${value.length}` : null;
}

/** Continues "must be …" with what is there instead, where that helps. */
export function butGot(value: unknown): string {
  if (value === null) return ', but it is empty';
  if (value === '') return ', not an empty text';
  if (Array.isArray(value)) return ', not a list';
  if (typeof value === 'number' || typeof value === 'boolean') return `, not the ${typeof value} ${value}`;
  return typeof value === 'object' ? ', not a map' : '';
}
