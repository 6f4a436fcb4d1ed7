import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteSafely, safeRequestId } from '../../../src/client/failure/quote.ts';

/** Any UTF-16 code unit: fast-check's own `binary` strings take seconds to set up. */
const codeUnit = fc.nat({ max: 0xffff }).map((unit) => String.fromCharCode(unit));

describe('quoteSafely', () => {
  it.each([
    ['Invalid bearer token', 'Invalid bearer token'],
    ['two\nlines\tand\u0000more', 'two lines and more'],
    [
      'Environment `env_011CSHoEeqs5C35K2UUqR7FyAbCdEfGh` not found',
      'Environment `env_011CSHoEeqs5C35K2UUqR7FyAbCdEfGh` not found',
    ],
    ['key sk-ant-api03-abc_DEF-123 is bad', 'key *** is bad'],
    ['Authorization: Bearer abcdefgh1', 'Authorization: Bearer ***'],
    ['x-api-key: abcdefgh1', 'x-api-key: ***'],
    ['token eyJhbGciOi.eyJzdWIi.c2ln!', 'token ***!'],
    ['token ya29.a0AfH6SMC', 'token ***'],
    ['0123456789abcdef0123456789abcdef', '***'],
    ['any_of(org:skills, user:managed_agents)', 'any_of(org:skills, user:managed_agents)'],
  ])('quotes %j without a secret', (text, quoted) => {
    expect(quoteSafely(text, [])).toBe(quoted);
  });

  it.each([
    'Bearer authentication is required',
    'use Bearer authorization.',
    'Basic authentication was removed',
    'The x-api-key header is missing',
    'a bearer token-type is expected',
  ])('leaves the words of a sentence: %j', (text) => {
    expect(quoteSafely(text, [])).toBe(text);
  });

  it('masks the keys it is told, whatever they look like', () => {
    expect(quoteSafely('no: hunter2, hunter2!', ['hunter2', ''])).toBe('no: ***, ***!');
  });

  it('is at most 200 characters, on one line, and no half of one, whatever was cut or sent', () => {
    fc.assert(
      fc.property(fc.string({ unit: codeUnit, maxLength: 600 }), (text) => {
        const quoted = quoteSafely(text, []);
        return quoted.length <= 200 && quoted.isWellFormed() && !/[\p{Cc}\u2028]/u.test(quoted);
      }),
    );
    for (const start of ['', 'a'])
      expect(quoteSafely(`${start}${'\u{1f525} '.repeat(100)}`, []).isWellFormed()).toBe(true);
    expect(quoteSafely('word '.repeat(100), [])).toHaveLength(200);
  });
});

describe('safeRequestId', () => {
  it.each([
    ['req_011CSHoEeqs5C35K2UUqR7FyAbCdEfGh', 'req_011CSHoEeqs5C35K2UUqR7FyAbCdEfGh'],
    ['abc-123', 'abc-123'],
    ['sk-ant-api03-abcdef', null],
    ['with space', null],
    ['hunter2', null],
    ['', null],
    [null, null],
  ])('%j is %j', (id, safe) => {
    expect(safeRequestId(id, ['hunter2'])).toBe(safe);
  });
});
