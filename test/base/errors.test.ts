import { getSystemErrorName } from 'node:util';
import { expect, it } from 'vitest';
import { errorText, systemErrorCode } from '../../src/base/errors.ts';

/** As Node throws it for a call that ended with this number. */
function systemError(number: number): Error {
  const name = getSystemErrorName(-number);
  const text = name.startsWith('Unknown') ? name : 'a text of libuv';
  return Object.assign(new Error(`${name}: ${text}, rename '/a' -> '/b'`), { code: name });
}

it.each([
  [74, 'EBADMSG', 'the file system found a wrong checksum'],
  [116, 'ESTALE', 'stale file handle'],
  [117, 'EUCLEAN', 'the file system is damaged'],
  [122, 'EDQUOT', 'disk quota exceeded'],
  [123, 'ENOMEDIUM', 'no medium found'],
  [28, 'ENOSPC', 'a text of libuv'],
])('an error of a disk has a name, also where Node has none: %i is %s', (number, code, text) => {
  const error = systemError(number);
  expect(systemErrorCode(error)).toBe(code);
  expect(errorText(error)).toBe(`${code}: ${text}, rename '/a' -> '/b'`);
});

it('an error that nobody knows keeps its number', () => {
  const error = systemError(9999);
  expect(systemErrorCode(error)).toBe('Unknown system error -9999');
  expect(errorText(error)).toBe(`${error.message}`);
  expect([errorText('plain'), systemErrorCode('plain'), systemErrorCode({ code: 5 })]).toEqual(['plain', null, null]);
});
