import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteSafely, safeRequestId } from '../../../src/client/failure/quote.ts';

/** Any UTF-16 code unit: fast-check's own `binary` strings take seconds to set up. */
const codeUnit = fc.nat({ max: 0xffff }).map((unit) => String.fromCharCode(unit));

/** Keys of known and unknown kinds: with the characters that encodings change, in words, and as short as services make them. */
const KEYS = [
  'sk-ant-oat01-CANARYcanary/+=CANARY-0123456789',
  'h+nter/2=SecretKey',
  'ya29.A0AfH6SMBx+y/z=_-Q',
  'correct horse battery staple',
  'abcDEF12',
  '%41%42+key<&>word',
];
const base64 = (text: string) => Buffer.from(text).toString('base64');
const FORMS: Readonly<Record<string, (key: string) => string>> = {
  'as it is': (key) => key,
  'in capitals': (key) => key.toUpperCase(),
  'in small letters': (key) => key.toLowerCase(),
  'escaped for an address': encodeURIComponent,
  'escaped twice': (key) => encodeURIComponent(encodeURIComponent(key)),
  'escaped for HTML': (key) => key.replaceAll(/[^\w]/g, (one) => `&#${one.charCodeAt(0)};`),
  'escaped for HTML in hexadecimal': (key) =>
    key.replaceAll(/[^\w]/g, (one) => `&#x${one.charCodeAt(0).toString(16)};`),
  'escaped as JSON': (key) => [...key].map((one) => `\\u00${one.charCodeAt(0).toString(16)}`).join(''),
  'in hexadecimal digits': (key) => Buffer.from(key).toString('hex'),
  'in base64': base64,
  'in base64 for addresses': (key) => Buffer.from(key).toString('base64url'),
  'as a login': (key) => base64(`user:${key}`),
  'in a header in base64': (key) => base64(`{"x-api-key": "${key}"}`),
  'over two lines': (key) => `${key.slice(0, 5)}\r\n${key.slice(5)}`,
  'over many lines in base64': (key) => base64(key).replaceAll(/.{4}/g, '$&\n'),
  'with spaces': (key) => [...key].join(' '),
  'in the name of a host': (key) => `https://${key.replaceAll(/[^a-zA-Z0-9]+/g, '-').toLowerCase()}.test`,
  'with an invisible character': (key) => `${key.slice(0, 5)}\u200b${key.slice(5)}`,
};
const AROUND = [
  ['', ''],
  ['invalid key ', ' given'],
  ['Authorization: Bearer ', ''],
  ['GET /v1/environments?key=', '&limit=1 failed'],
  ["{'x-api-key': '", "'}"],
] as const;

/** What of a key must not be in a text: each half of it, in the forms of a character that are told apart. */
function partsOf(key: string): readonly string[] {
  const half = Math.ceil(key.length / 2);
  return [key.slice(0, half), key.slice(-half)].flatMap((part) => [part, part.toUpperCase(), part.toLowerCase()]);
}

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

  it.each(Object.entries(FORMS))('masks a key that an answer shows %s', (_, form) => {
    for (const key of KEYS) {
      for (const [before, after] of AROUND) {
        const quoted = quoteSafely(`${before}${form(key)}${after}`, [key]);
        expect(quoted, form(key)).toContain('***');
        for (const part of partsOf(key)) expect(quoted, form(key)).not.toContain(part);
      }
    }
  });

  it.each([
    ['letters', 'a'],
    ['spaces', ' '],
    ['a key that is begun again and again', 'c o r r e c t  '],
  ])('takes no longer than it takes to read a text of nothing but %s', (_, part) => {
    const quoted = quoteSafely(`c${part.repeat(20_000)}`, KEYS);
    expect(quoted.length).toBeLessThanOrEqual(200);
  });

  it.each([100, 2000, 7000, 16_384])(
    'masks a key of %i characters in each form, as long as a file of a key may be',
    (length) => {
      const key = Buffer.from(Array.from({ length }, (_, at) => (at * at * 7 + at) % 251))
        .toString('base64')
        .slice(0, length);
      for (const form of Object.values(FORMS)) {
        const quoted = quoteSafely(`no ${form(key)} here`, [key]);
        expect(quoted).toMatch(/^no \S*\*{3}\S* here$/);
        for (const part of partsOf(key)) expect(quoted).not.toContain(part.slice(0, 20));
      }
    },
  );

  it('leaves what stands between two keys in other forms, and letters whose small ones are longer', () => {
    const text = 'İ: S K - K E Y - 1 2 3 4, İ, (sk_key_1234) and İ';
    expect(quoteSafely(text, ['sk-key-1234'])).toBe('İ: ***, İ, (***) and İ');
  });

  it('leaves escapes and words that hide no key', () => {
    const text = 'GET /v1/a%20b?x=%2B is wrong: &#43; is no key, and no Secret either';
    expect(quoteSafely(text, ['h+nter/2=SecretKey', 'is', 'x'.repeat(8), 'no-word'])).toBe(
      text.replaceAll(/is/g, '***'),
    );
  });

  it('masks any key between any texts, in each of these forms', () => {
    const key = fc.string({ unit: fc.constantFrom(...'abXYZ019+/=-_. '), minLength: 16, maxLength: 60 });
    const around = fc.string({ unit: codeUnit, maxLength: 40 });
    fc.assert(
      fc.property(key, around, around, fc.constantFrom(...Object.values(FORMS)), (secret, before, after, form) => {
        // A form that leaves out most of a key hides it by itself.
        fc.pre(secret.replaceAll(/[^a-zA-Z0-9]/g, '').length >= 12);
        const shown = quoteSafely(`${before} ${form(secret)} ${after}`, [secret]);
        return !shown.includes(form(secret)) && !partsOf(secret).some((part) => shown.includes(part));
      }),
    );
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
    ['req_hunter2', null],
    ['', null],
    [null, null],
  ])('%j is %j', (id, safe) => {
    expect(safeRequestId(id, ['hunter2'])).toBe(safe);
  });

  it('is none that has a key in it, in whatever form an id can have', () => {
    const possible = Object.entries(FORMS).filter(([name]) => !name.startsWith('escaped'));
    for (const key of KEYS) {
      for (const [, form] of possible) {
        const word = form(key).replaceAll(/[^\w]/g, '_');
        expect(safeRequestId(`req_${word}`.slice(0, 128), [key])).toBeNull();
      }
    }
  });
});
