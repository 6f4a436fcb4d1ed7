import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryWithCounter, type Row } from './memory-with-counter.ts';

const BLOCK = 8;
/** Items are known by their first bytes: what changes stands behind them. */
const FIRST = 'x'.repeat(60);
const item = (id: number, more: Partial<Row> = {}): Row => ({ id, start: FIRST, text: 'same', ...more });
const live = (id: number, beat = 10_000_000): Row => item(id, { beat: String(beat) });
const done = (id: number, more: Partial<Row> = {}): Row => item(id, { beat: '10000000', done: true, ...more });
const range = (count: number) => Array.from({ length: count }, (_, index) => index);

/** Four live items before forty that are done, three times, so that all is known of them. */
const LIST = [...range(4).map((id) => live(id)), ...range(40).map((id) => done(100 + id))];

function known(rows: readonly Row[] = LIST, more: object = {}) {
  const memory = memoryWithCounter();
  for (let count = 0; count < 3; count++) memory.read('q', rows, more);
  Object.assign(memory.counted, { rows: 0, whole: 0 });
  return memory;
}

describe('rows that are settled', () => {
  it.each<[what: string, next: readonly Row[], parsed: number]>([
    ['nothing', LIST, 0],
    ['a beat of a live item', LIST.with(2, live(2, 10_000_001)), 0],
    ['another item comes first', [live(9), ...LIST], 1],
    ['a live item is done', LIST.with(3, done(3)), 1],
    ['the last one leaves', LIST.slice(0, -1), BLOCK - 1],
    ['the last block leaves', LIST.slice(0, -BLOCK), 0],
    ['one comes, and the last one leaves', [live(9), ...LIST.slice(0, -1)], BLOCK],
    ['the text of one', LIST.with(5, done(101, { text: 'else' })), BLOCK],
    ['the length of one', LIST.with(5, done(101, { text: 'longer' })), BLOCK],
    ['one in the middle leaves', LIST.toSpliced(20, 1), BLOCK - 1],
    ['one is queued again', LIST.with(12, live(108)), BLOCK],
    ['all leave', [], 0],
  ])('are parsed with their block alone: %s', (_, next, parsed) => {
    for (const more of [{ end: 'a' }, { end: 'longer' }]) {
      const { read, counted } = known(LIST, { end: 'a' });
      expect(read('q', next, more)).toEqual(next);
      expect(counted).toEqual({ rows: parsed, whole: 0 });
    }
  });

  it('that are left over when blocks are made belong to the last one', () => {
    const rows = LIST.slice(0, -5);
    const { read, counted } = known(rows);
    expect(read('q', rows.slice(0, -1))).toEqual(rows.slice(0, -1));
    expect(counted.rows).toBe(2 * BLOCK - 5 - 1);
  });

  it('are never taken for a block that begins with another row', () => {
    // The first row of the block stands before it, too: it is found there, and the others in the block.
    const block = range(BLOCK).map((id) => done(id));
    const { read } = known([block[0]!, live(99), ...block]);
    for (const rows of [block, [live(98), ...block], [live(98), ...block.with(BLOCK - 1, done(50))], block]) {
      for (let count = 0; count < 2; count++) expect(read('q', rows)).toEqual(rows);
    }
  });

  it('are the same objects as long as they are listed, whatever comes and goes before them', () => {
    const { read, counted } = known();
    const before = read('q', LIST);
    let rows = LIST;
    for (let id = 200; id < 230; id++) {
      rows = [
        live(id),
        ...rows.slice(0, 3).map((one) => live(one.id, 10_000_000 + id)),
        done(rows[3]!.id),
        ...rows.slice(4),
      ];
      const after = read('q', rows);
      expect(after).toEqual(rows);
      expect(after.slice(-40).every((one, index) => one === before.at(index - 40))).toBe(true);
    }
    // One that came, and one that is done, at each read.
    expect(counted).toEqual({ rows: 60, whole: 0 });
  });
});

interface World {
  readonly rows: readonly Row[];
  readonly end: string;
  /** Between the items. */
  readonly space: string;
}

const bodyOf = ({ rows, end, space }: World) =>
  Buffer.from(`{"data":[${rows.map((one) => JSON.stringify(one)).join(`,${space}`)}],"end":"${end}"}`);

type Step = (world: World) => World;
const place = fc.nat({ max: 60 });
const changing = (change: (rows: readonly Row[]) => readonly Row[]): Step => {
  return (world) => ({ ...world, rows: change(world.rows) });
};
const at = (index: number, change: (one: Row) => Row) =>
  changing((rows) => rows.map((one, other) => (other === index ? change(one) : one)));

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .array(fc.tuple(place, fc.integer({ min: 10_000_000, max: 99_999_999 })), { minLength: 1, maxLength: 6 })
      .map((beats) => changing((rows) => beats.reduce((all, [index, beat]) => withBeat(all, index, beat), rows))),
  },
  { weight: 3, arbitrary: place.map((index) => at(index, (one) => ({ ...one, done: true }))) },
  { weight: 3, arbitrary: fc.nat({ max: 999 }).map((id) => changing((rows) => [live(id), ...rows])) },
  { weight: 2, arbitrary: fc.nat({ max: 5 }).map((count) => changing((rows) => rows.slice(0, rows.length - count))) },
  fc
    .tuple(place, fc.constantFrom('same', 'else', 'longer', '"', 'ü'))
    .map(([index, text]) => at(index, (one) => ({ ...one, text }))),
  place.map((index) => at(index, (one) => ({ ...one, done: false }))),
  place.map((index) => changing((rows) => rows.toSpliced(index, 1))),
  place.map((index) => changing((rows) => [...rows.slice(index), ...rows.slice(0, index)])),
  // The same again, elsewhere.
  fc.tuple(place, place).map(([from, to]) => changing((rows) => rows.toSpliced(to, 0, ...rows.slice(from, from + 3)))),
  place.map((index) => at(index, (one) => ({ ...one, drifts: true }))),
  place.map((index) => at(index, (one) => ({ ...one, secret: !one.secret }))),
  fc.constantFrom('a', 'b', 'cc').map(
    (end): Step =>
      (world) => ({ ...world, end }),
  ),
  fc.constantFrom('', ' ', '\n').map(
    (space): Step =>
      (world) => ({ ...world, space }),
  ),
);

function withBeat(rows: readonly Row[], index: number, beat: number): readonly Row[] {
  return rows.map((one, other) => (other === index ? { ...one, beat: String(beat) } : one));
}

it.each([
  { kept: 'bytes', mostBytes: undefined },
  { kept: 'bytes of short pages and digests of long ones', mostBytes: 4000 },
])('a list means what a parser says, whatever happens to it, with $kept', ({ mostBytes }) => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 40 }), (all) => {
      const { readBody } = memoryWithCounter(mostBytes);
      let world: World = { rows: LIST, end: 'a', space: '' };
      for (const step of [...Array<Step>(2).fill((same) => same), ...all]) {
        world = step(world);
        expect(readBody('q', bodyOf(world))).toEqual(world.rows);
      }
    }),
    { numRuns: 300 },
  );
});
