import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PriorityQueue } from '../../src/base/priority-queue.ts';

function drained<T>(queue: PriorityQueue<T>): T[] {
  const values: T[] = [];
  while (queue.size > 0) {
    values.push(queue.first!);
    queue.delete(queue.first!);
  }
  return values;
}

it('gives the lowest first, and of equal ones the first to come', () => {
  const queue = new PriorityQueue<string>();
  queue.set('late', 3);
  queue.set('first', 1);
  queue.set('second', 1);
  queue.set('never', Number.NEGATIVE_INFINITY);
  queue.set('never either', Number.NEGATIVE_INFINITY);
  expect(queue.lowest).toBe(Number.NEGATIVE_INFINITY);
  expect(drained(queue)).toEqual(['never', 'never either', 'first', 'second', 'late']);
});

it('is empty before the first and after the last', () => {
  const queue = new PriorityQueue<string>();
  queue.delete('unknown');
  expect([queue.size, queue.first, queue.lowest]).toEqual([0, undefined, Number.POSITIVE_INFINITY]);
  queue.set('one', 1);
  queue.delete('one');
  expect([queue.size, queue.first, queue.priorityOf('one')]).toEqual([0, undefined, undefined]);
});

it('a value keeps its place while its priority stays, and loses it with another one', () => {
  const queue = new PriorityQueue<string>();
  for (const name of ['a', 'b', 'c']) queue.set(name, 1);
  queue.set('a', 1);
  expect(queue.first).toBe('a');
  queue.set('a', 2);
  queue.set('a', 1);
  expect(drained(queue)).toEqual(['b', 'c', 'a']);
});

it('whatever is set and deleted, the order is that of a sorted list', () => {
  const change = fc.record({ value: fc.nat(15), priority: fc.option(fc.nat(5)) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const queue = new PriorityQueue<number>();
      // In the order of their arrival.
      let expected: { value: number; priority: number }[] = [];
      for (const { value, priority } of changes) {
        const isUnmoved = expected.some((one) => one.value === value && one.priority === priority);
        if (priority === null) queue.delete(value);
        else queue.set(value, priority);
        if (isUnmoved) continue;
        expected = expected.filter((one) => one.value !== value);
        if (priority !== null) expected.push({ value, priority });
      }
      const sorted = expected.toSorted((one, other) => one.priority - other.priority);
      expect(queue.size).toBe(sorted.length);
      for (const { value, priority } of sorted) expect(queue.priorityOf(value)).toBe(priority);
      expect(drained(queue)).toEqual(sorted.map(({ value }) => value));
    }),
  );
});
