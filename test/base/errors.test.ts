import { getSystemErrorName } from 'node:util';
import { expect, it } from 'vitest';
import { errorText, systemErrorCode } from '../../src/base/errors.ts';

it('a disk quota that is exceeded has a name, which Node does not know', () => {
  const code = getSystemErrorName(-122);
  const error = Object.assign(new Error(`${code}: ${code}, rename '/a' -> '/b'`), { code });
  expect(systemErrorCode(error)).toBe('EDQUOT');
  expect(errorText(error)).toBe("EDQUOT: disk quota exceeded, rename '/a' -> '/b'");
});

it('of anything else that is thrown, the text and the code are its own', () => {
  const error = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
  expect([errorText(error), systemErrorCode(error)]).toEqual(['ENOSPC: no space left', 'ENOSPC']);
  expect([errorText('plain'), systemErrorCode('plain'), systemErrorCode({ code: 5 })]).toEqual(['plain', null, null]);
});
