import { expect, it } from 'vitest';
import { LabelSet, labelNames } from '../../src/promql/label-set.ts';

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
