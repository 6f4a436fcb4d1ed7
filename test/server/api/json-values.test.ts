import { describe, expect, it } from 'vitest';
import { jsonDuration, jsonNumber, jsonTime } from '../../../src/server/api/json-values.ts';

const NUMBERS: readonly [what: string, value: number | null, json: unknown][] = [
  ['a count', 12, 12],
  ['a duration of a monotonic clock', 0.007075655000000552, 0.007076],
  ['an age with what its arithmetic leaves', 69.96293798828125, 69.962938],
  ['a large number', 9e15, 9e15],
  ['a number that no decimals fit into', 1e300, 1e300],
  ['nothing', 0, 0],
  ['an infinity', Number.POSITIVE_INFINITY, '+Inf'],
  ['a negative infinity', Number.NEGATIVE_INFINITY, null],
  ['what is not known', Number.NaN, null],
  ['what there is not', null, null],
];

describe('a number in JSON', () => {
  it.each(NUMBERS)('%s', (_, value, json) => expect(jsonNumber(value)).toBe(json));
});

describe('a duration in JSON', () => {
  it.each([
    ['to the millisecond', 1500.4, 1.5],
    ['never negative', -3, 0],
    ['without an end', Number.POSITIVE_INFINITY, '+Inf'],
  ])('%s', (_, milliseconds, json) => expect(jsonDuration(milliseconds)).toBe(json));
});

describe('a time in JSON', () => {
  it.each([
    ['RFC 3339 in milliseconds', 1_700_000_000_123, '2023-11-14T22:13:20.123Z'],
    ['the last instant that a Date holds', 8.64e15, '+275760-09-13T00:00:00.000Z'],
    ['an instant beyond it', 8.7e15, null],
    ['not a number', Number.NaN, null],
    ['unknown', null, null],
  ])('%s', (_, at, json) => expect(jsonTime(at)).toBe(json));
});
