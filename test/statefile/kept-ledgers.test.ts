import { describe, expect, it } from 'vitest';
import { newLedger } from '../../src/lifecycle/ledger.ts';
import { KeptLedgers } from '../../src/statefile/kept-ledgers.ts';
import { parseStateFile } from '../../src/statefile/parse-state-file.ts';

const HOUR = 3_600_000;
const LEDGER = newLedger(0);

const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}_${index}`);

/** Ledgers of a file, and then of environments that come and go. */
class Fleet {
  readonly kept: KeptLedgers;

  constructor(inFile: readonly string[] = []) {
    this.kept = new KeptLedgers(new Map(inFile.map((id) => [id, LEDGER])), 0);
  }

  come(environments: readonly string[]): this {
    this.comeBack(environments);
    for (const id of environments) this.kept.keep(id, LEDGER);
    return this;
  }

  /** One after the other. */
  comeAndLeave(environments: readonly string[]): this {
    for (const id of environments) this.come([id]).leave([id]);
    return this;
  }

  /** They are watched, but not read yet. */
  comeBack(environments: readonly string[]): this {
    for (const id of environments) this.kept.resume(id);
    return this;
  }

  leave(environments: readonly string[], at = 0): this {
    for (const id of environments) this.kept.markUnwatched(id, at);
    return this;
  }

  after(now: number): this {
    this.kept.dropLongUnwatched(now);
    return this;
  }

  written(): string[] {
    return [...parseStateFile(this.kept.text({ instance: 'one', savedAt: 0 })).ledgers.keys()];
  }
}

describe('the ledger of an environment that is not watched', () => {
  it.each([
    ['is kept for an hour', HOUR, ['a']],
    ['is not kept for longer', HOUR + 1, []],
  ])('%s', (_, now, written) => {
    expect(new Fleet(['a']).after(now).written()).toEqual(written);
    expect(
      new Fleet()
        .come(['a'])
        .leave(['a'], 5000)
        .after(5000 + now)
        .written(),
    ).toEqual(written);
  });

  it('is kept from its last leaving on', () => {
    const fleet = new Fleet().come(['a']).leave(['a'], 0).come(['a']).leave(['a'], HOUR);
    expect(fleet.after(2 * HOUR).written()).toEqual(['a']);
  });

  it('is kept once it is watched again, even without a read', () => {
    const fleet = new Fleet(['a']).come(['b']).leave(['b']).comeBack(['a', 'b']);
    expect(fleet.after(9 * HOUR).written()).toEqual(['a', 'b']);
  });
});

describe('of many environments that leave', () => {
  const many = ids('many', 150);
  const others = ids('other', 150);

  it.each<[what: string, fleet: Fleet, written: readonly string[]]>([
    ['100 are kept, the last ones', new Fleet().comeAndLeave(others), others.slice(50)],
    [
      'as many as were watched at once are kept',
      new Fleet().come(many).leave(many).come(others.slice(0, 9)).leave(others.slice(0, 9)),
      [...many.slice(9), ...others.slice(0, 9)],
    ],
    [
      'as many as were watched at once are kept, whatever came and went before',
      others
        .reduce((fleet, id) => fleet.come([id]).leave([id]), new Fleet())
        .come(many)
        .leave(many),
      many,
    ],
    [
      'those that came back are kept before they are read',
      new Fleet().come(many).leave(many).comeBack(many).comeAndLeave(others),
      [...many, ...others],
    ],
    [
      'those whose list was never read do not count',
      new Fleet().come(many).leave(many).comeBack(others).leave(others),
      many,
    ],
    [
      'those that came back are kept',
      new Fleet().come(many).leave(many).come(many).come(others).leave(others),
      [...many, ...others],
    ],
    [
      'those that came back and left again are the last ones',
      new Fleet().come(many).leave(many).come(['many_0']).leave(['many_0']).come(['new']).leave(['new']),
      [...many.filter((id) => id !== 'many_1'), 'new'],
    ],
    ['those of the file are kept as well', new Fleet(many).come(others).leave(others), [...many, ...others]],
  ])('%s', (_, fleet, written) => {
    expect(fleet.written().toSorted()).toEqual(written.toSorted());
  });
});
