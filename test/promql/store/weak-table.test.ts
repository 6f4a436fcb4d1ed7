import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { WeakTable } from '../../../src/promql/store/weak-table.ts';
import { collectGarbage } from '../../support/collect-garbage.ts';

interface Thing {
  readonly name: string;
}

const named = (name: string) => (one: Thing) => one.name === name;
/** Few enough of them that most things share theirs with others. */
const hashOf = (name: string) => (Number(name) % 97) * 0x1000_0001;

function addAll(table: WeakTable<Thing>, from: number, to: number): readonly Thing[] {
  const things = Array.from({ length: to - from }, (_, index) => ({ name: `${from + index}` }));
  for (const thing of things) table.add(hashOf(thing.name) | 0, thing);
  return things;
}

const foundIn = (table: WeakTable<Thing>) => (name: string) => table.find(hashOf(name) | 0, named(name));

it('finds each of a thousand things, whatever others have the same hash, and none that was not added', () => {
  const table = new WeakTable<Thing>();
  const things = addAll(table, 0, 1000);
  for (const thing of things) expect(foundIn(table)(thing.name)).toBe(thing);
  expect(foundIn(table)('1000')).toBeUndefined();
});

it('tells a hash from another one that begins at the same slot', () => {
  const table = new WeakTable<Thing>();
  const thing = { name: '1' };
  table.add(0, thing);
  expect(table.find(0x4000_0000, () => true)).toBeUndefined();
  expect(table.find(0, () => true)).toBe(thing);
});

it('holds nothing alive, and takes no more room for what comes after what was freed', async () => {
  const table = new WeakTable<Thing>();
  const kept = addAll(table, 0, 100);
  for (let round = 1; round <= 20; round++) {
    addAll(table, 1000 * round, 1000 * round + 400);
    await setImmediate();
    await collectGarbage();
  }
  expect(foundIn(table)('1000')).toBeUndefined();
  for (const thing of kept) expect(foundIn(table)(thing.name)).toBe(thing);
  expect(table.slots).toBeLessThanOrEqual(1024);
});
