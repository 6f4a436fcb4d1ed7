import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DURATION_PATTERN, parseDuration } from '../../../src/config/options/duration.ts';
import { longerPattern, shorterPattern } from '../../../src/config/options/duration-patterns.ts';
import { duration } from '../../../src/config/options/number-types.ts';

const UNITS = ['y', 'w', 'd', 'h', 'm', 's', 'ms'] as const;
/** As many of a unit as make one of the next. */
const FULL = { y: 1000, w: 52, d: 7, h: 24, m: 60, s: 60, ms: 1000 };

const zeros = fc.constantFrom('', '0', '00');
const anyNumber = fc.oneof(fc.nat(20), fc.nat(1000), fc.nat(200_000), fc.constantFrom(59, 60, 61, 599, 600, 601, 999));
const textOf = (parts: readonly (readonly [string, number, string])[]) =>
  parts.map(([zero, amount, unit]) => `${zero}${amount}${unit}`).join('');

/** Any amounts of some units, in their order. */
const anySum = fc
  .tuple(...UNITS.map((unit) => fc.option(fc.tuple(zeros, anyNumber, fc.constant(unit)), { nil: null, freq: 2 })))
  .map((parts) => textOf(parts.filter((part) => part !== null)));
const oneUnit = fc.tuple(zeros, anyNumber, fc.constantFrom(...UNITS)).map((part) => textOf([part]));
/** What a clock would count on to the next unit is not left in the smaller one. */
const clockTime = fc
  .tuple(
    fc.integer({ min: 0, max: 6 }),
    ...UNITS.map((unit) => fc.tuple(zeros, fc.nat(FULL[unit] - 1), fc.constant(unit))),
  )
  .map(([from, ...parts]) => textOf(parts.slice(from)));
const nearLimits = fc.tuple(fc.nat(10), fc.nat(60), fc.nat(1000), fc.nat(3)).map(([m, s, ms, from]) =>
  textOf(
    [
      ['', m, 'm'],
      ['', s, 's'],
      ['', ms, 'ms'],
    ].slice(from) as [string, number, string][],
  ),
);
const secondsAndMore = fc.tuple(fc.nat(20), fc.nat(20_000)).map(([s, ms]) =>
  textOf([
    ['', s, 's'],
    ['', ms, 'ms'],
  ]),
);
const noDuration = fc.oneof(
  fc.constantFrom('', 'never', '15', '1.5h', '-1s', '1s1m', '1m1m', '1 m', ' 1m', '1M', '1s\n', '.inf', '1e3s', '١s'),
  fc.string({ unit: fc.constantFrom('0', '1', '9', 'm', 's', 'h', '.', ' ', '-'), maxLength: 6 }),
);

const ajv = new Ajv2020({ strict: false });
/** What the program takes, and what the JSON Schema does. */
function judgesOf(range: Parameters<typeof duration>[0]) {
  const { schema } = duration(range);
  const json = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' });
  const own = ajv.compile(json);
  return (text: string) => [schema.safeParse(text).success, own(text)];
}

describe('the schema of a duration', () => {
  it.each([
    [{}],
    [{ min: 1000 }],
    [{ min: 1000, never: true }],
    [{ min: 5000 }],
    [{ min: 10_000 }],
    [{ min: 100, max: 600_000 }],
  ])('takes what the program takes: %o', (range) => {
    const judge = judgesOf(range);
    let taken = 0;
    const texts = fc.oneof(
      oneUnit,
      clockTime,
      nearLimits,
      secondsAndMore,
      noDuration,
      'max' in range ? oneUnit : anySum,
    );
    fc.assert(
      fc.property(texts, (text) => {
        const [program, schema] = judge(text);
        expect(schema, text).toBe(program);
        if (program) taken++;
      }),
      { numRuns: 4000 },
    );
    expect(taken).toBeGreaterThan(100);
  });

  it('refuses nothing that the program takes, however it is written', () => {
    const judge = judgesOf({ min: 100, max: 600_000 });
    fc.assert(
      fc.property(anySum, (text) => {
        const [program, schema] = judge(text);
        if (program) expect(schema, text).toBe(true);
      }),
      { numRuns: 4000 },
    );
    // What only adding tells: no clock counts like this.
    expect(judge('8m59s62000ms')).toEqual([false, true]);
  });
});

describe('patterns of durations', () => {
  const WHOLE = new RegExp(`^${DURATION_PATTERN}$`);
  const limits = fc.oneof(fc.constantFrom(1, 100, 999, 1000, 60_000), fc.integer({ min: 1, max: 20_000 }));

  it('are exact below any limit', () => {
    fc.assert(
      fc.property(limits, fc.oneof(oneUnit, anySum, nearLimits, secondsAndMore), (limit, text) => {
        fc.pre(WHOLE.test(text));
        expect(new RegExp(shorterPattern(limit)).test(text), `${text} of ${limit}`).toBe(parseDuration(text)! < limit);
      }),
      { numRuns: 2000 },
    );
  });

  it('are exact above any limit for what is written as a clock counts, or in one unit', () => {
    const longer = fc.oneof(limits, fc.constantFrom(600_000, 3_600_000, 5_400_000));
    fc.assert(
      fc.property(longer, fc.oneof(oneUnit, clockTime, nearLimits), (limit, text) => {
        fc.pre(WHOLE.test(text));
        expect(new RegExp(longerPattern(limit)).test(text), `${text} of ${limit}`).toBe(parseDuration(text)! > limit);
      }),
      { numRuns: 2000 },
    );
  });
});
