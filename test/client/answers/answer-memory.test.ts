import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryWithCounter, type Row, row, rows, WAYS } from './memory-with-counter.ts';

describe.each(WAYS)('AnswerMemory that keeps $kept', ({ mostBytes, values: different }) => {
  it('parses an answer that stays the same twice', () => {
    const { read, counted } = memoryWithCounter(mostBytes);
    const values = Array.from({ length: 10 }, () => read('q', rows(7)));
    expect(counted).toEqual({ rows: 7, whole: 1 });
    expect(new Set(values).size).toBe(different);
  });

  const HUNDRED = rows(100);
  it.each<[what: string, next: readonly Row[], parsed: number]>([
    ['nothing but the frame, or nothing', HUNDRED, 0],
    ['one item', HUNDRED.with(50, row(50, 'new')), 1],
    ['one item, and its length', HUNDRED.with(0, row(0, 'much longer')), 1],
    ['the first twenty', HUNDRED.map((one) => (one.id < 20 ? row(one.id, 'new') : one)), 20],
    ['every other one', HUNDRED.map((one) => (one.id % 2 ? row(one.id, 'new') : one)), 50],
    ['three came first, three left at the end', [row(201), row(202), row(203), ...HUNDRED.slice(0, 97)], 3],
    [
      'three came first, and ten others changed',
      [row(201), row(202), row(203), ...HUNDRED.map((one) => (one.id < 10 ? row(one.id, 'new') : one))],
      13,
    ],
    ['three came last', [...HUNDRED, row(201), row(202), row(203)], 3],
    ['the first two left', HUNDRED.slice(2), 0],
    ['one in the middle left', HUNDRED.toSpliced(40, 1), 0],
    ['two places exchanged', HUNDRED.with(3, row(4)).with(4, row(3)), 1],
    ['all of them left', [], 0],
    ['all of them changed', HUNDRED.map(({ id }) => row(id, 'new')), 100],
  ])('parses only the items whose bytes changed: %s', (_, next, parsed) => {
    // What both pages end with is compared at once, and not item by item: here it is nothing, or much.
    for (const nextPage of ['b', 'a']) {
      const { read, counted } = memoryWithCounter(mostBytes);
      read('q', HUNDRED, { next_page: 'c' });
      const before = read('q', HUNDRED, { next_page: 'a' });
      Object.assign(counted, { rows: 0, whole: 0 });
      const after = read('q', next, { next_page: nextPage });
      expect(after).toEqual(next);
      expect(counted).toEqual({ rows: parsed, whole: 0 });
      expect(after.filter((one) => before.includes(one))).toHaveLength(next.length - parsed);
    }
  });

  it('never gives an item or a page of other bytes, whatever comes in whatever order', () => {
    // Items that begin with the same bytes, too: what differs then stands far behind.
    const start = fc.constantFrom('', 'x'.repeat(100));
    const one = fc.record({
      start,
      id: fc.nat({ max: 5 }),
      text: fc.constantFrom('', 'a', 'b', 'ab', '}', '"', 'ü'),
      deep: fc.constantFrom(0, {}, [{}, { a: 1 }], { a: {} }),
    });
    const beating = fc.record({
      id: fc.nat({ max: 5 }),
      text: fc.constantFrom('', '"beat":"1"', '{"beat":"1"}'),
      beat: fc.constantFrom(null, 1, '', '1', '2', '12', '34', 'ab', '"', '\\', 'ü', '1\n', { beat: '1' }),
      deep: fc.constantFrom(0, { beat: '1' }, { beat: '2' }, [{ beat: '1' }]),
    });
    const end = fc.nat({ max: 8 }).map((from) => rows(8).slice(from));
    const page = fc.tuple(fc.array(fc.oneof(one, beating), { maxLength: 8 }), end).map((parts) => parts.flat());
    const answers = fc.array(fc.tuple(fc.constantFrom('1', '2', '3', '4', '5'), page), { maxLength: 30 });
    fc.assert(
      fc.property(answers, (all) => {
        const { read } = memoryWithCounter(mostBytes);
        for (const [question, data] of all) expect(read(question, data)).toEqual(data);
      }),
    );
  });

  it('finds the end of an item that changed, wherever it ended before', () => {
    const start = 'x'.repeat(100);
    const next = { start, id: 1, text: '', deep: [{ a: 1 }, { b: '},{' }, [{}, {}], {}] };
    for (let length = 0; length <= JSON.stringify(next.deep).length + 10; length++) {
      const { read, counted } = memoryWithCounter(mostBytes);
      const before = { start, id: 1, text: '-'.repeat(length) };
      for (let count = 0; count < 2; count++) read('q', [before, row(2)]);
      expect(read('q', [next, row(2)])).toEqual([next, row(2)]);
      expect(counted).toEqual({ rows: 2 + 1, whole: 1 });
    }
  });

  it('parses an item again that reports something, and no other', () => {
    const { read, counted } = memoryWithCounter(mostBytes);
    for (let count = 0; count < 5; count++) read('q', [row(1), { ...row(2), drifts: true }, row(3)]);
    expect(counted).toEqual({ rows: 2 + 4, whole: 1 });
  });

  it.each<[what: string, body: string]>([
    ['no page', '[]'],
    ['items that are no objects', '{"data":[1,2]}'],
    ['no JSON', '{"data":[{"id":1,}]}'],
    ['no JSON around the items', '{"data":[{"id":1}],}'],
    ['more keys than an answer has', `{"data":[{${Array.from({ length: 5000 }, (_, key) => `"k${key}":0`)}}]}`],
  ])('leaves to the parser, each time: %s', (_, body) => {
    const { readBody, counted } = memoryWithCounter(mostBytes);
    for (let count = 0; count < 3; count++) {
      try {
        readBody('q', Buffer.from(body));
      } catch {
        // As the parser says.
      }
    }
    expect(counted).toEqual({ rows: 0, whole: 3 });
  });
});
