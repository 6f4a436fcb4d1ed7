import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ShortList } from '../../src/base/short-list.ts';

it('has what was added and not deleted, in the order in which it came', () => {
  const operation = fc.record({ deletes: fc.boolean(), thing: fc.nat({ max: 9 }) });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 100 }), (operations) => {
      const list = new ShortList<number>();
      const expected: number[] = [];
      for (const { deletes, thing } of operations) {
        const place = expected.indexOf(thing);
        if (deletes) {
          list.delete(thing);
          if (place >= 0) expected.splice(place, 1);
        } else if (place < 0) {
          list.add(thing);
          expected.push(thing);
        }
      }
      expect(list.all()).toEqual(expected);
      expect(list.size).toBe(expected.length);
      expect(list.first).toBe(expected[0]);
      for (let thing = 0; thing <= 9; thing++) {
        expect(list.find((one) => one === thing)).toBe(expected.find((one) => one === thing));
      }
    }),
  );
});

it('does not change with a copy of what it had', () => {
  const list = new ShortList<string>();
  list.add('a');
  const before = list.all();
  list.delete('a');
  list.add('b');
  expect(before).toEqual(['a']);
  expect(list.all()).toEqual(['b']);
});
