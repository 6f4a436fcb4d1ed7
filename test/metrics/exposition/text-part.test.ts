import fc from 'fast-check';
import { expect, it } from 'vitest';
import { editPart, emptyPart, type RowEdit } from '../../../src/metrics/exposition/text-part.ts';

type Row = Omit<RowEdit, 'row'>;

const EMPTY: Row = { text: '', labels: [], values: [] };

/** Lines of a row; a histogram has text without lines. */
const row: fc.Arbitrary<Row> = fc
  .record({
    name: fc.constantFrom('', 'a', 'prod', 'é', '\u{1f600}', 'x'.repeat(100_000)),
    values: fc.array(fc.integer(), { maxLength: 3 }),
  })
  .map(({ name, values }) => {
    const labels = values.map((_, line) => `{name="${name}",line="${line}"}`);
    return { text: name + values.map((value, line) => `m${labels[line]} ${value}\n`).join(''), labels, values };
  });

/** What a part of these rows has to hold. */
function written(rows: readonly Row[]) {
  const upTo = (count: (row: Row) => number) =>
    Uint32Array.from(rows, (_, end) => rows.slice(0, end + 1).reduce((sum, one) => sum + count(one), 0));
  return {
    text: rows.map(({ text }) => text).join(''),
    ends: upTo(({ text }) => Buffer.byteLength(text)),
    lineEnds: upTo(({ labels }) => labels.length),
    labels: rows.flatMap(({ labels }) => labels),
    values: Float64Array.from(rows.flatMap(({ values }) => values)),
  };
}

it('holds what its rows were last written as, whichever are written again', () => {
  const rounds = fc.array(fc.array(fc.option(row), { minLength: 6, maxLength: 6 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(rounds, (all) => {
      let part = emptyPart(6);
      let rows: readonly Row[] = Array.from({ length: 6 }, () => EMPTY);
      for (const round of all) {
        const edits = round.flatMap((edit, at) => (edit === null ? [] : [{ row: at, ...edit }]));
        rows = rows.map((before, at) => round[at] ?? before);
        const before = part;
        part = editPart(part, edits);
        const { text, ...rest } = part;
        expect({ text: text.toString(), ...rest }).toEqual(written(rows));
        if (text.equals(before.text)) expect(text).toBe(before.text);
      }
    }),
    { numRuns: 200 },
  );
});
