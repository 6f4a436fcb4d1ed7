import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatStateFile } from '../../src/statefile/format.ts';
import { parseStateFile, StateFileError } from '../../src/statefile/parse-state-file.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ledgerOf } from './memory-files.ts';
import { withoutChecksum } from './state-file-rig.ts';

const CHECKED = formatStateFile({
  instance: 'one',
  savedAt: 1,
  ledgers: new Map([['env_1', ledgerOf(2, new ManualClock())]]),
});
/** Of an earlier version: the checksum refuses almost all. */
const GOOD = withoutChecksum(CHECKED);

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

const damage = fc.record({ at: fc.nat({ max: CHECKED.length }), cut: fc.nat({ max: 40 }), put: fc.string() });

it('is read, or refused, whatever was done to it', () => {
  fc.assert(
    fc.property(damage, ({ at, cut, put }) => {
      read(GOOD.slice(0, at) + put + GOOD.slice(at + cut));
    }),
    { numRuns: 500 },
  );
  expect(read(GOOD)).toBe('read');
});

it('with a checksum counts what was written, or nothing, whatever was done to it', () => {
  const { ledgers } = parseStateFile(CHECKED);
  fc.assert(
    fc.property(damage, ({ at, cut, put }) => {
      const damaged = CHECKED.slice(0, at) + put + CHECKED.slice(at + cut);
      if (read(damaged) === 'refused') return;
      const found = parseStateFile(damaged).ledgers;
      // As outdated, it holds nothing.
      if (found.size > 0) expect(found).toEqual(ledgers);
    }),
    { numRuns: 500 },
  );
  expect(read(CHECKED)).toBe('read');
});

it('is refused when it is any other JSON', () => {
  fc.assert(fc.property(fc.json(), (text) => read(text) === 'refused'));
});
