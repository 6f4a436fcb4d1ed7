import { describe, expect, it } from 'vitest';
import { SITUATIONS } from './situations/all-situations.ts';
import { mismatches } from './support/mismatches.ts';
import { play } from './support/play.ts';

describe.each(Object.entries(SITUATIONS))('%s', (_, situations) => {
  it.each(situations)('$name', (situation) => {
    expect(mismatches(situation, play(situation))).toEqual([]);
  });
});
