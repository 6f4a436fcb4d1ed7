import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../../../src/scan/memory/code-of.ts';
import { codesOf, RowCodes } from '../../../src/scan/memory/row-codes.ts';

describe('RowCodes', () => {
  it('knows the ids of a page, and no others', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), fc.array(fc.string()), (ids, others) => {
        const codes = new RowCodes(codesOf(ids.map((id) => ({ id }))), 'last');
        expect(codes.size).toBe(ids.length);
        for (const id of [...ids, ...others]) expect(codes.has(codeOf(id))).toBe(ids.includes(id));
      }),
    );
  });

  it.each([
    ['first', [0, 999, 1000, 4999], [true, true, false, false]],
    ['last', [3999, 4000, 4999, 5000], [false, true, true, false]],
  ] as const)('keeps the %s thousand of a page that has more rows than were asked for', (part, rows, known) => {
    const codes = new RowCodes(codesOf(Array.from({ length: 5000 }, (_, row) => ({ id: `work_${row}` }))), part);
    expect(codes.size).toBe(1000);
    expect(rows.map((row) => codes.has(codeOf(`work_${row}`)))).toEqual(known);
  });
});

it.each([
  ['counted up', (n: number) => `work_01${String(n).padStart(20, '0')}`],
  ['that differ in their first characters', (n: number) => `${n}${'x'.repeat(200)}`],
  ['of one character', (n: number) => String.fromCharCode(n % 0x1_00_00) + (n >> 16 || '')],
])('a hundred thousand texts have as many codes, all of them whole numbers: %s', (_, text) => {
  const codes = new Set(Array.from({ length: 100_000 }, (_, n) => codeOf(text(n))));
  expect(codes.size).toBe(100_000);
  expect([...codes].every((code) => Number.isSafeInteger(code) && code >= 0)).toBe(true);
});
