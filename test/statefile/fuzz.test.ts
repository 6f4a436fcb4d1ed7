import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatStateFile } from '../../src/statefile/format.ts';
import { parseStateFile, StateFileError } from '../../src/statefile/parse-state-file.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ledgerOf } from './memory-files.ts';

const GOOD = formatStateFile({
  instance: 'one',
  savedAt: 1,
  ledgers: new Map([['env_1', ledgerOf(2, new ManualClock())]]),
});

/** Reads a file, or says that it cannot: nothing else may happen. */
function read(text: string): 'read' | 'refused' {
  try {
    const { ledgers } = parseStateFile(text);
    for (const { totals } of ledgers.values()) expect(Number.isSafeInteger(totals.stopped)).toBe(true);
    return 'read';
  } catch (error) {
    expect(error).toBeInstanceOf(StateFileError);
    return 'refused';
  }
}

it('is read, or refused, whatever was done to it', () => {
  const damage = fc.record({ at: fc.nat({ max: GOOD.length }), cut: fc.nat({ max: 40 }), put: fc.string() });
  fc.assert(
    fc.property(damage, ({ at, cut, put }) => {
      read(GOOD.slice(0, at) + put + GOOD.slice(at + cut));
    }),
    { numRuns: 500 },
  );
  expect(read(GOOD)).toBe('read');
});

it('is refused when it is any other JSON', () => {
  fc.assert(fc.property(fc.json(), (text) => read(text) === 'refused'));
});
