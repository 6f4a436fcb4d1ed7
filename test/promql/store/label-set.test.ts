import { expect, it } from 'vitest';
import { LabelSet } from '../../../src/promql/store/label-set.ts';
import { labelNames } from '../../../src/promql/syntax/label-names.ts';
import { collectGarbage } from '../../support/collect-garbage.ts';

it.each<[string, Readonly<Record<string, string>>, Readonly<Record<string, string>>]>([
  ['in another order', { a: '1', b: '2' }, { b: '2', a: '1' }],
  ['with an empty value', { a: '1' }, { a: '1', b: '' }],
  ['without any', {}, { a: '' }],
])('the same labels %s are one object', (_name, one, other) => {
  expect(LabelSet.of(one)).toBe(LabelSet.of(other));
});

it.each<[Readonly<Record<string, string>>, Readonly<Record<string, string>>]>([
  [{ a: '1' }, { a: '2' }],
  [{ a: '1' }, { b: '1' }],
  [
    { a: 'b', c: 'd' },
    { a: 'bc', d: '' },
  ],
  [
    { a: 'xb', b: 'y' },
    { a: 'x', bb: 'y' },
  ],
  [
    { a: '1', b: '2' },
    { a: '2', b: '1' },
  ],
])('%j and %j are two', (one, other) => {
  expect(LabelSet.of(one)).not.toBe(LabelSet.of(other));
  expect([LabelSet.of(one).values, LabelSet.of(other).values]).not.toContainEqual({});
});

it('labels whose hashes are equal are told apart', () => {
  const [one, other] = ['env_83034', 'env_537580'].map((id) => LabelSet.of({ id }));
  expect([one!.values, other!.values]).toEqual([{ id: 'env_83034' }, { id: 'env_537580' }]);
  expect(LabelSet.of({ id: 'env_83034' })).toBe(one);
  expect(LabelSet.of({ id: 'env_537580' })).toBe(other);
});

it('gives the same answer to the same question', () => {
  const labels = LabelSet.of({ a: '1', b: '2', c: '' });
  const [both, one] = [labelNames(['b', 'a']), labelNames(['a', 'c'])];
  expect(labels.only(both)).toBe(labels);
  expect(labels.only(one)).toBe(LabelSet.of({ a: '1' }));
  expect(labels.only(one)).toBe(labels.only(labelNames(['c', 'a'])));
  const more = { values: { b: '', d: '4' } };
  expect(labels.with(more)).toBe(LabelSet.of({ a: '1', d: '4' }));
  expect(labels.with(more).values).toEqual({ a: '1', d: '4' });
  expect([labels.get('b'), labels.get('d')]).toEqual(['2', '']);
});

it('holds no labels of an environment that nobody needs any more, nor of values that have come and gone', async () => {
  const zone = LabelSet.of({ zone: 'a' });
  const kept = LabelSet.of({ environment_id: 'kept', zone: 'a' });
  const setsOf = (values: Readonly<Record<string, string>>) =>
    Array.from({ length: 200 }, (_, n) => new WeakRef(LabelSet.of({ ...values, value: `${n}` })));
  const left = (sets: readonly WeakRef<LabelSet>[]) => sets.filter((set) => set.deref() !== undefined).length;
  const [gone, others] = [setsOf({ environment_id: 'gone', zone: 'a' }), setsOf(kept.values)];
  expect([left(gone), left(others)]).toEqual([200, 200]);
  await collectGarbage();
  expect(left(gone)).toBe(0);
  expect(left(others)).toBeLessThan(100);
  expect(LabelSet.of({ zone: 'a', environment_id: 'kept' })).toBe(kept);
  expect(LabelSet.of({ zone: 'a' })).toBe(zone);
});

it('finds each of a thousand sets again, whether it holds them strongly or weakly', () => {
  const setOf = (n: number) => LabelSet.of({ environment_id: `${n % 3}`, job: `${n % 2}`, le: `${n}` });
  const sets = Array.from({ length: 1000 }, (_, n) => setOf(n));
  expect(new Set(sets).size).toBe(1000);
  for (const [n, set] of sets.entries()) expect(setOf(n)).toBe(set);
});

it('gives its values by name, in alphabetical order, in whatever order they were given', () => {
  const values = { le: '1', alertname: 'b', environment_name: 'c', job: 'd', environment_id: 'e' };
  expect(Object.entries(LabelSet.of(values).values)).toEqual(Object.entries(values).sort());
});
