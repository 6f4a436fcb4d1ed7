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
] as const)('%s takes gzip: %s', (header, expected) => {
  expect(acceptsGzip(header)).toBe(expected);
});
