import fc from 'fast-check';
import { expect, it } from 'vitest';
import { acceptsGzip } from '../../../src/server/http/accept-encoding.ts';

it.each([
  ['gzip', true],
  ['deflate, GZIP;q=0.5', true],
  ['x-gzip', true],
  ['*', true],
  ['gzip;q=0', false],
  ['gzip; q=0.000, *', false],
  ['*;q=0', false],
  ['identity', false],
  ['br;q=1, gzip; q = 0.1', true],
  ['gzip;q=much', false],
  ['', false],
  [undefined, false],
  ['gzip,'.repeat(1000), false],
  ['gzip, deflate, br, zstd', true],
] as const)('%s takes gzip: %s', (header, expected) => {
  expect(acceptsGzip(header)).toBe(expected);
});

it('has an answer for every header, and takes gzip only from who names it', () => {
  const word = fc.constantFrom('gzip', '*', 'identity', ';q=0', ';q=1', ',', ' ', '=', 'q');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(word).map((words) => words.join('')),
      ),
      (header) => {
        if (acceptsGzip(header)) expect(header).toMatch(/gzip|\*/i);
      },
    ),
  );
});
