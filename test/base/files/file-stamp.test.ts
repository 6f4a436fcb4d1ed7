import type { Stats } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { KnownStamp, NO_FILE, stampOf } from '../../../src/base/files/file-stamp.ts';

const FILE = { dev: 1, ino: 2, size: 3, mtimeMs: 4.25, ctimeMs: 5.5 };
const statsOf = (numbers: typeof FILE) => numbers as unknown as Stats;

describe('a stamp that is known', () => {
  it.each(Object.keys(FILE) as (keyof typeof FILE)[])('is another as soon as %s is', (name) => {
    const known = new KnownStamp();
    const other = { ...FILE, [name]: FILE[name] + 0.25 };
    for (const numbers of [FILE, FILE, other, other, FILE]) {
      expect(known.of(statsOf(numbers))).toBe(stampOf(statsOf(numbers)));
    }
    expect(known.of(statsOf(FILE))).not.toBe(stampOf(statsOf(other)));
  });

  it('is none while the file is gone or cannot be looked at, and what it was when it is back', () => {
    const known = new KnownStamp();
    const stamp = known.of(statsOf(FILE));
    expect([known.of(undefined), known.of(null), known.of(statsOf(FILE))]).toEqual([NO_FILE, null, stamp]);
  });
});
